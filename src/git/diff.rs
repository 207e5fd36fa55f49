//! The changes of one commit against its first parent, with line counts equal to `git show --numstat -M --first-parent`.
