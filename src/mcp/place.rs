//! Which repository a request is about.
//!
//! In: the roots of the client, the directory that the server was started in, and what the caller chose. Out: the
//! surroundings, seen from the repository.
//! Never here: a repository that neither the client nor whoever started the server has named.

use std::path::{Path, PathBuf};

use crate::advice::Usage;
use crate::env::Env;
use crate::git::Repository;

/// A repository of the client's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The root that it was found from.
    pub root: PathBuf,
    /// The top of its work tree.
    pub top: PathBuf,
}

/// The repositories that the roots are in, each once.
#[must_use]
pub fn places(env: &Env, roots: &[PathBuf]) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for root in roots {
        let Ok(repository) = Repository::open(&env.elsewhere(root)) else { continue };
        let top = repository.top().to_owned();
        if places.iter().all(|place| place.top != top) {
            places.push(Place { root: root.clone(), top });
        }
    }
    places
}

/// The one that is meant: there is but one, or its directory, or that directory's name, was given.
///
/// # Errors
/// None is meant, or several may be.
pub fn choose<'a>(places: &'a [Place], wanted: Option<&str>) -> Result<&'a Place, Usage> {
    let listed = || places.iter().map(|place| place.top.display().to_string()).collect::<Vec<_>>().join(", ");
    let is = |place: &&Place, name: &str| {
        place.top == Path::new(name) || place.root == Path::new(name) || place.top.file_name() == Some(name.as_ref())
    };
    let fitting: Vec<&Place> = places.iter().filter(|place| wanted.is_none_or(|name| is(place, name))).collect();
    match (&fitting[..], wanted) {
        ([one], _) => Ok(one),
        _ if places.is_empty() => Err(Usage {
            message: "none of the client's roots is in a git repository".to_owned(),
            hint: "open a repository in the client".to_owned(),
        }),
        ([], name) => Err(Usage {
            message: format!("the client has no repository `{}` open", name.unwrap_or_default()),
            hint: format!("give one of these as `repository`: {}", listed()),
        }),
        _ => Err(Usage {
            message: "the client has several repositories open, and it is not said which is meant".to_owned(),
            hint: format!("give one of these as `repository`: {}", listed()),
        }),
    }
}

/// The repository that was started in, when it is asked for by name: by no other.
///
/// # Errors
/// Another is asked for.
pub fn here(top: &Path, wanted: Option<&str>) -> Result<(), Usage> {
    let place = Place { root: top.to_owned(), top: top.to_owned() };
    choose(&[place], wanted).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_chosen_by_its_directory_or_its_name_and_by_nothing_else() {
        let place = |path: &str| Place { root: PathBuf::from(path).join("sub"), top: PathBuf::from(path) };
        let several = [place("/home/ada/one"), place("/home/ada/two"), place("/srv/two")];
        let check = |places: &[Place], wanted: Option<&str>, expected: Result<&str, &str>| {
            let chosen = choose(places, wanted).map(|place| place.top.display().to_string());
            let expected = expected.map(str::to_owned);
            match (chosen, expected) {
                (Ok(chosen), Ok(expected)) => assert_eq!(chosen, expected),
                (Err(error), Err(part)) => assert!(error.message.contains(part), "{}", error.message),
                (chosen, _) => panic!("{wanted:?}: {chosen:?}"),
            }
        };
        check(&several[..1], None, Ok("/home/ada/one"));
        check(&several, Some("one"), Ok("/home/ada/one"));
        check(&several, Some("/home/ada/two"), Ok("/home/ada/two"));
        check(&several, Some("/home/ada/one/sub"), Ok("/home/ada/one"));
        check(&several, None, Err("several"));
        check(&several, Some("two"), Err("several"));
        check(&several, Some("/etc"), Err("no repository `/etc`"));
        check(&several, Some("../one"), Err("no repository"));
        check(&several[..1], Some("other"), Err("no repository `other`"));
        check(&[], None, Err("none of the client's roots"));
    }
}
