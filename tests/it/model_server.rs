//! A model's server on this machine, for tests: it speaks five formats, does what a test tells it, and remembers what it
//! was asked.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// The formats, by the names under which providers speak them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    Anthropic,
    Chat,
    Responses,
    Gemini,
    Ollama,
}

impl Wire {
    pub const ALL: [Self; 5] = [Self::Anthropic, Self::Chat, Self::Responses, Self::Gemini, Self::Ollama];

    /// The provider in whose settings the server can take part.
    pub fn provider(self) -> &'static str {
        match self {
            Self::Anthropic => "anthropic",
            Self::Chat => "openai",
            Self::Responses => "openai-responses",
            Self::Gemini => "gemini",
            Self::Ollama => "ollama",
        }
    }

    /// The variable that holds that provider's key; none for Ollama.
    pub fn variable(self) -> Option<&'static str> {
        match self {
            Self::Anthropic => Some("ANTHROPIC_API_KEY"),
            Self::Chat | Self::Responses => Some("OPENAI_API_KEY"),
            Self::Gemini => Some("GEMINI_API_KEY"),
            Self::Ollama => None,
        }
    }

    fn base(self) -> &'static str {
        match self {
            Self::Anthropic | Self::Chat | Self::Responses => "/v1",
            Self::Gemini => "/v1beta",
            Self::Ollama => "",
        }
    }
}

/// What the server was asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// The path with its query.
    pub path: String,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Value,
}

impl Asked {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Whether the reply is to come in pieces.
    pub fn streams(&self) -> bool {
        self.body["stream"] == true || self.path.contains(":streamGenerateContent")
    }

    /// Everything that was said to the model, system and user, in one text.
    pub fn prompt(&self) -> String {
        fn texts(value: &Value, found: &mut Vec<String>) {
            match value {
                Value::String(text) => found.push(text.clone()),
                Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
                Value::Object(fields) => fields.values().for_each(|field| texts(field, found)),
                _ => {}
            }
        }
        let mut found = Vec::new();
        for name in ["system", "instructions", "systemInstruction", "messages", "input", "contents"] {
            texts(&self.body[name], &mut found);
        }
        found.join("\n")
    }
}

/// What the server does.
#[derive(Debug, Clone, PartialEq)]
pub enum Does {
    /// Answers with these words, whole or in pieces as it was asked.
    Says(String),
    /// The same, and the most tokens are reached with the last of them.
    SaysUntilCut(String),
    /// Ends the answer with a status, headers and a body of its own.
    Status(u16, Vec<(&'static str, String)>, String),
    /// Does not want to answer, in the way of its format.
    Refuses,
    /// Answers well, but with no words.
    SaysNothing,
    /// Never answers, and never closes the connection.
    Hangs,
    /// Begins to answer with these words, and then neither goes on nor closes the connection.
    FallsSilentAfter(String),
    /// Answers with these words to the end, and then does not close the connection.
    StaysOpenAfter(String),
    /// Begins to answer with these words, and closes the connection.
    BreaksOffAfter(String),
    /// Begins to answer with these words, and ends in good order without saying that it was all.
    EndsEarlyAfter(String),
    /// Tells of a fault within its answer, after these words: kind and message.
    FailsAfter(String, &'static str, &'static str),
    /// Answers with these bytes and this type of content, whatever they are.
    Raw(&'static str, Vec<u8>),
    /// Answers without end.
    NeverEnds,
}

impl Does {
    /// A status with an error in JSON that has this message, as nearly all servers say it.
    pub fn status(status: u16, message: &str) -> Self {
        Self::Status(status, Vec::new(), json!({"error": {"message": message}}).to_string())
    }
}

type Mind = Box<dyn FnMut(&Asked) -> Does + Send>;

/// The server. It ends when it is dropped.
pub struct ModelServer {
    wire: Wire,
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    mind: Arc<Mutex<Mind>>,
    over: Arc<AtomicBool>,
}

impl ModelServer {
    /// Starts a server that says "Ready." to everything.
    pub fn start(wire: Wire) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let ready: Mind = Box::new(|_| Does::Says("Ready.".to_owned()));
        let server = Self {
            wire,
            address: listener.local_addr().unwrap(),
            asked: Arc::default(),
            mind: Arc::new(Mutex::new(ready)),
            over: Arc::default(),
        };
        let (asked, mind, over) = (Arc::clone(&server.asked), Arc::clone(&server.mind), Arc::clone(&server.over));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if over.load(Ordering::SeqCst) {
                    return;
                }
                let (asked, mind) = (Arc::clone(&asked), Arc::clone(&mind));
                // A client that goes away in the middle is what some tests are about.
                std::thread::spawn(move || serve(wire, stream, &asked, &mind).ok());
            }
        });
        server
    }

    /// What it does from now on, for each request.
    pub fn reply_with(&self, mind: impl FnMut(&Asked) -> Does + Send + 'static) {
        *self.mind.lock().unwrap() = Box::new(mind);
    }

    /// What it does with the next requests, one after the other; the last goes for all that follow.
    pub fn reply_with_each(&self, does: impl IntoIterator<Item = Does>) {
        let mut queue: VecDeque<Does> = does.into_iter().collect();
        self.reply_with(move |_| if queue.len() > 1 { queue.pop_front().unwrap() } else { queue[0].clone() });
    }

    /// What it was asked so far.
    pub fn requests(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The base address, for `narration.base-url`.
    pub fn url(&self) -> String {
        format!("http://{}{}", self.address, self.wire.base())
    }

    /// The settings of `narration` that name it, and one more line.
    pub fn settings(&self, more: &str) -> String {
        let (provider, url) = (self.wire.provider(), self.url());
        format!(
            "provider: {provider}\n  model: model-a\n  base-url: {url}\n  wait-seconds: 0\n  day-tokens: 0\n  {more}"
        )
    }
}

impl Drop for ModelServer {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // Wakes the thread that listens.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(wire: Wire, stream: TcpStream, asked: &Mutex<Vec<Asked>>, mind: &Mutex<Mind>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let Some(request) = read(&mut reader)? else { return Ok(()) };
    asked.lock().unwrap().push(request.clone());
    let does = mind.lock().unwrap()(&request);
    let mut out = Out { stream, streams: request.streams() };
    match does {
        Does::Says(text) => out.answer(wire, &text, Some(Ending::Complete)),
        Does::SaysUntilCut(text) => out.answer(wire, &text, Some(Ending::Cut)),
        Does::SaysNothing => out.answer(wire, "", Some(Ending::Complete)),
        Does::Refuses => out.answer(wire, "", Some(Ending::Refused)),
        Does::Status(status, headers, body) => out.status(status, &headers, &body),
        Does::Raw(kind, bytes) => out.raw(kind, &bytes),
        Does::Hangs => until_closed(&mut reader),
        Does::FallsSilentAfter(text) => {
            out.begin(wire, &text)?;
            until_closed(&mut reader)
        }
        Does::StaysOpenAfter(text) => {
            out.begin(wire, &text)?;
            for event in end(wire, Ending::Complete) {
                out.event(wire, &event)?;
            }
            until_closed(&mut reader)
        }
        Does::BreaksOffAfter(text) => {
            out.begin(wire, &text)?;
            out.stream.shutdown(Shutdown::Both)
        }
        Does::EndsEarlyAfter(text) => out.answer(wire, &text, None),
        Does::FailsAfter(text, kind, message) => out.fail(wire, &text, kind, message),
        Does::NeverEnds => out.endless(wire),
    }
}

/// Waits for the client to give up.
fn until_closed(reader: &mut impl Read) -> std::io::Result<()> {
    while reader.read(&mut [0; 64])? > 0 {}
    Ok(())
}

fn read(reader: &mut impl BufRead) -> std::io::Result<Option<Asked>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut headers = Vec::new();
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.map_or(0, |(_, length)| length.parse().unwrap())];
    reader.read_exact(&mut body)?;
    Ok(Some(Asked { path, headers, body: serde_json::from_slice(&body).unwrap_or_default() }))
}

/// How an answer ends.
#[derive(Clone, Copy, PartialEq)]
enum Ending {
    Complete,
    Cut,
    Refused,
}

struct Out {
    stream: TcpStream,
    streams: bool,
}

impl Out {
    fn head(&mut self, status: u16, kind: &str, headers: &[(&str, String)]) -> std::io::Result<()> {
        let mut head = format!("HTTP/1.1 {status} Test\r\nconnection: close\r\ncontent-type: {kind}\r\n");
        for (name, value) in headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        head.push_str("\r\n");
        self.stream.write_all(head.as_bytes())
    }

    fn status(&mut self, status: u16, headers: &[(&str, String)], body: &str) -> std::io::Result<()> {
        let mut headers = headers.to_vec();
        headers.push(("content-length", body.len().to_string()));
        self.head(status, "application/json", &headers)?;
        self.stream.write_all(body.as_bytes())
    }

    fn raw(&mut self, kind: &str, bytes: &[u8]) -> std::io::Result<()> {
        self.head(200, kind, &[("content-length", bytes.len().to_string())])?;
        self.stream.write_all(bytes)
    }

    fn answer(&mut self, wire: Wire, text: &str, ending: Option<Ending>) -> std::io::Result<()> {
        if !self.streams {
            return self.status(200, &[], &whole(wire, text, ending).to_string());
        }
        self.begin(wire, text)?;
        for event in ending.map(|ending| end(wire, ending)).unwrap_or_default() {
            self.event(wire, &event)?;
        }
        self.chunk(b"")
    }

    fn fail(&mut self, wire: Wire, text: &str, kind: &str, message: &str) -> std::io::Result<()> {
        let error = match wire {
            Wire::Ollama => json!({"error": message}),
            Wire::Responses => json!({"type": "error", "code": kind, "message": message}),
            Wire::Anthropic | Wire::Chat | Wire::Gemini => json!({"error": {"type": kind, "message": message}}),
        };
        if !self.streams {
            return self.status(200, &[], &error.to_string());
        }
        self.begin(wire, text)?;
        self.event(wire, &error)?;
        self.chunk(b"")
    }

    /// The head, and all pieces of the text; of an answer that comes whole, the half.
    fn begin(&mut self, wire: Wire, text: &str) -> std::io::Result<()> {
        if !self.streams {
            let body = whole(wire, text, Some(Ending::Complete)).to_string();
            self.head(200, "application/json", &[("content-length", body.len().to_string())])?;
            return self.stream.write_all(&body.as_bytes()[..body.len() / 2]);
        }
        let kind = if wire == Wire::Ollama { "application/x-ndjson" } else { "text/event-stream; charset=utf-8" };
        self.head(200, kind, &[("transfer-encoding", "chunked".to_owned())])?;
        for event in start(wire) {
            self.event(wire, &event)?;
        }
        // As real servers do it: more or less a word at a time.
        for word in text.split_inclusive(' ') {
            self.event(wire, &piece(wire, word))?;
        }
        Ok(())
    }

    /// Goes on until the client has had enough.
    fn endless(&mut self, wire: Wire) -> std::io::Result<()> {
        if self.streams {
            self.begin(wire, "")?;
            loop {
                self.event(wire, &piece(wire, &"and on ".repeat(1_000)))?;
            }
        }
        self.head(200, "application/json", &[])?;
        loop {
            self.stream.write_all(&[b' '; 8 << 10])?;
        }
    }

    fn event(&mut self, wire: Wire, event: &Value) -> std::io::Result<()> {
        let text = match (wire, event) {
            (Wire::Ollama, event) => format!("{event}\n"),
            (_, Value::String(done)) => format!("data: {done}\n\n"),
            (Wire::Anthropic | Wire::Responses, event) => {
                format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap_or("error"))
            }
            (_, event) => format!("data: {event}\r\n\r\n"),
        };
        self.chunk(text.as_bytes())
    }

    fn chunk(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let head = format!("{:x}\r\n", bytes.len());
        self.stream.write_all(&[head.as_bytes(), bytes, b"\r\n"].concat())
    }
}

/// What the servers say of themselves: the model, and 11 tokens sent and 7 received.
const MODEL: &str = "model-of-the-test";

/// A whole answer.
fn whole(wire: Wire, text: &str, ending: Option<Ending>) -> Value {
    let cut = ending == Some(Ending::Cut);
    let refused = ending == Some(Ending::Refused);
    let done = ending.is_some();
    match wire {
        Wire::Anthropic => json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": MODEL,
            "content": [{"type": "thinking", "thinking": "hm", "signature": "x"}, {"type": "text", "text": text}],
            "stop_reason": done.then_some(if refused { "refusal" } else if cut { "max_tokens" } else { "end_turn" }),
            "usage": {"input_tokens": 10, "cache_read_input_tokens": 1, "output_tokens": 7},
        }),
        Wire::Chat => json!({
            "id": "chatcmpl-1", "object": "chat.completion", "model": MODEL,
            "choices": [{
                "index": 0,
                "message": {
                    "role": "assistant", "content": (!refused).then_some(text), "reasoning_content": "hm",
                    "refusal": refused.then_some("I cannot help with that."),
                },
                "finish_reason": done.then_some(if cut { "length" } else { "stop" }),
            }],
            "usage": {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18},
        }),
        Wire::Responses => {
            let part = if refused {
                json!({"type": "refusal", "refusal": "I cannot help with that."})
            } else {
                json!({"type": "output_text", "text": text, "annotations": []})
            };
            json!({
                "id": "resp_1", "object": "response", "model": MODEL, "error": null,
                "status": if !done { "in_progress" } else if cut { "incomplete" } else { "completed" },
                "incomplete_details": cut.then_some(json!({"reason": "max_output_tokens"})),
                "output": [
                    {"type": "reasoning", "summary": []},
                    {"type": "message", "role": "assistant", "content": [part]},
                ],
                "usage": {"input_tokens": 11, "output_tokens": 7, "total_tokens": 18},
            })
        }
        Wire::Gemini if refused => json!({
            "promptFeedback": {"blockReason": "PROHIBITED_CONTENT"},
            "usageMetadata": {"promptTokenCount": 11}, "modelVersion": MODEL,
        }),
        Wire::Gemini => json!({
            "candidates": [{
                "content": {"role": "model", "parts": [{"text": "hm", "thought": true}, {"text": text}]},
                "finishReason": done.then_some(if cut { "MAX_TOKENS" } else { "STOP" }),
            }],
            "usageMetadata": {"promptTokenCount": 11, "candidatesTokenCount": 4, "thoughtsTokenCount": 3},
            "modelVersion": MODEL,
        }),
        Wire::Ollama => json!({
            "model": MODEL, "message": {"role": "assistant", "content": text, "thinking": "hm"},
            "done": done, "done_reason": if cut { "length" } else { "stop" },
            "prompt_eval_count": 11, "eval_count": 7,
        }),
    }
}

/// What a stream begins with.
fn start(wire: Wire) -> Vec<Value> {
    match wire {
        Wire::Anthropic => vec![
            json!({"type": "message_start", "message": {
                "id": "msg_1", "type": "message", "model": MODEL, "content": [], "stop_reason": null,
                "usage": {"input_tokens": 10, "cache_read_input_tokens": 1, "output_tokens": 1},
            }}),
            json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
            json!({"type": "ping"}),
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "hm"}}),
        ],
        Wire::Chat => {
            vec![json!({"model": MODEL, "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]})]
        }
        Wire::Responses => {
            vec![json!({"type": "response.created", "response": {"id": "resp_1", "status": "in_progress"}})]
        }
        Wire::Gemini | Wire::Ollama => Vec::new(),
    }
}

/// A piece of a stream.
fn piece(wire: Wire, text: &str) -> Value {
    match wire {
        Wire::Anthropic => {
            json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}})
        }
        Wire::Chat => {
            json!({"model": MODEL, "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]})
        }
        Wire::Responses => json!({"type": "response.output_text.delta", "item_id": "m", "delta": text}),
        Wire::Gemini => json!({
            "candidates": [{"content": {"role": "model", "parts": [{"text": text}]}}],
            "usageMetadata": {"promptTokenCount": 11}, "modelVersion": MODEL,
        }),
        Wire::Ollama => json!({"model": MODEL, "message": {"role": "assistant", "content": text}, "done": false}),
    }
}

/// What a stream ends with.
fn end(wire: Wire, ending: Ending) -> Vec<Value> {
    let whole = whole(wire, "", Some(ending));
    match wire {
        Wire::Anthropic => vec![
            json!({"type": "content_block_stop", "index": 0}),
            json!({"type": "message_delta", "delta": {"stop_reason": whole["stop_reason"]}, "usage": {"output_tokens": 7}}),
            json!({"type": "message_stop"}),
        ],
        Wire::Chat => {
            let choice = &whole["choices"][0];
            let delta = json!({"refusal": choice["message"]["refusal"]});
            vec![
                json!({"choices": [{"index": 0, "delta": delta, "finish_reason": choice["finish_reason"]}]}),
                json!({"choices": [], "usage": whole["usage"]}),
                json!("[DONE]"),
            ]
        }
        Wire::Responses => {
            let kind = if ending == Ending::Cut { "response.incomplete" } else { "response.completed" };
            vec![json!({"type": kind, "response": whole})]
        }
        Wire::Gemini | Wire::Ollama => vec![whole],
    }
}
