//! The sandbox itself.

use crate::support::Sandbox;

#[test]
fn a_sandbox_has_a_repository_of_its_own() {
    let sandbox = Sandbox::new();
    let id = sandbox.commit("first", &[("a.txt", "one\n")]);
    assert_eq!(id.len(), 40);
    assert!(sandbox.git(&["log", "--format=%an <%ae>"]).contains("Ada Example <ada@example.org>"));
}
