//! Cursor's chats of 2024, which lie in the database of a window.
//!
//! In: what the window keeps of its chats. Out: which there are, and the end of one.
//! Never here: an earlier exchange than the last: only when a chat was used last is known, and what the others led to may
//! long be committed.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::items::item;
use crate::chat::document::{list, text, time};
use crate::chat::entry::{Entry, Part};
use crate::chat::message::Gap;
use crate::chat::sqlite::Database;

/// Where the window keeps them.
const KEY: &str = "workbench.panel.aichat.view.aichat.chatdata";

/// The chats of a window.
pub(super) fn all(database: &Database) -> Result<Vec<Value>, Gap> {
    let kept = item(database, KEY)?.unwrap_or_default();
    Ok(list(&kept, "/tabs").to_vec())
}

/// The id of a chat.
pub(super) fn id(chat: &Value) -> Option<&str> {
    text(chat, "/tabId")
}

/// When the human wrote last.
pub(super) fn at(chat: &Value) -> Option<DateTime<Utc>> {
    time(chat, "/lastSendTime")
}

/// What was said last, the newest first; nothing of a chat without a time.
pub(super) fn entries(chat: &Value) -> Vec<Entry> {
    let Some(at) = at(chat) else { return Vec::new() };
    let is_human = |bubble: &Value| text(bubble, "/type") == Some("user");
    let mut entries = Vec::new();
    // What a human wrote after the last answer is still being typed.
    for (nth, bubble) in list(chat, "/bubbles").iter().enumerate().rev().skip_while(|(_, bubble)| is_human(bubble)) {
        let Some(said) = text(bubble, "/text").map(str::to_owned) else { continue };
        let key = text(bubble, "/id").map_or_else(|| nth.to_string(), str::to_owned);
        let part = if is_human(bubble) { Part::Prompt(said) } else { Part::Reply(said) };
        let model = text(bubble, "/modelType").map(str::to_owned);
        entries.push(Entry { key, at: Some(at), model, parts: vec![part], ..Entry::default() });
        if is_human(bubble) {
            break;
        }
    }
    entries
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn of_a_chat_the_last_exchange_has_the_only_time_that_is_known() {
        let bubble = |who: &str, text: &str| json!({"type": who, "text": text, "modelType": "m"});
        let bubbles =
            [("user", "one"), ("ai", "1"), ("user", "two"), ("ai", "2"), ("ai", "3"), ("user", "not yet sent")];
        let bubbles: Vec<Value> = bubbles.into_iter().map(|(who, text)| bubble(who, text)).collect();
        let mut chat = json!({"tabId": "t", "lastSendTime": 1_731_783_988_261_i64, "bubbles": bubbles});
        let told: Vec<Part> = entries(&chat).into_iter().flat_map(|entry| entry.parts).collect();
        let reply = |text: &str| Part::Reply(text.to_owned());
        assert_eq!(told, [reply("3"), reply("2"), Part::Prompt("two".to_owned())]);
        assert!(entries(&chat).iter().all(|entry| entry.at == at(&chat) && entry.at.is_some()));
        chat.as_object_mut().unwrap().remove("lastSendTime");
        assert_eq!(entries(&chat), []);
    }

    proptest! {
        #[test]
        fn no_chat_makes_it_panic(key in "(bubbles|lastSendTime|tabId)",
            value in r#"(null|-?[0-9]{1,20}|"x"|\[\]|\[7,\{"type":"user","text":7,"id":"1"\},\{"type":"ai","text":"x"\}\])"#) {
            entries(&json!({"lastSendTime": 1, "bubbles": [], key: serde_json::from_str::<Value>(&value).unwrap_or_default()}));
        }
    }
}
