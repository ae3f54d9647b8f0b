//! What dropping each type does, as `docs/sessions.md` says: the handle, each kind of session, an overlay and the
//! handle of a commit.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bmt::{Db, GrayPaper, Overlay, PreparedSession, StateKey, WriteOptions};

const KEY: StateKey = StateKey::component(1);

fn prepared(
    db: &Db,
    options: &WriteOptions<GrayPaper>,
    value: &[u8],
) -> PreparedSession<GrayPaper> {
    let mut session = db.begin_write_with(options).unwrap();
    session.insert(KEY, value).unwrap();
    session.prepare().unwrap()
}

fn overlay(db: &Db, parent: &Overlay<GrayPaper>, value: &[u8]) -> Overlay<GrayPaper> {
    prepared(db, &WriteOptions::new().on(parent), value).into_overlay()
}

#[test]
fn a_handle_drops_its_pending_changes_and_keeps_its_commits() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    db.insert(KEY, b"committed").unwrap();
    let root = db.commit().unwrap().root;
    db.insert(KEY, b"pending").unwrap();
    drop(db);
    let db = Db::open(directory.path()).unwrap();
    assert_eq!((db.root(), db.sequence()), (root, 1));
    assert_eq!(db.get(&KEY).unwrap().unwrap(), b"committed");
}

#[test]
fn a_read_session_lets_go_of_its_state() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    let held = db.stats().held_version_count;
    let (sessions, clone): (Vec<_>, _) = {
        let commit = |n: u8| {
            db.insert(KEY, [n]).unwrap();
            db.commit().unwrap();
            db.begin_read()
        };
        let sessions: Vec<_> = (0..10).map(commit).collect();
        let clone = sessions[3].clone();
        (sessions, clone)
    };
    assert_eq!(db.stats().held_version_count, held + 9);
    drop(sessions);
    assert_eq!(db.stats().held_version_count, held + 1, "a clone holds it still");
    assert_eq!(clone.get(&KEY).unwrap().unwrap(), [3][..]);
    drop(clone);
    assert_eq!(db.stats().held_version_count, held);
}

#[test]
fn sessions_and_prepared_ones_leave_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    let mut session = db.begin_write();
    session.insert(KEY, b"dropped").unwrap();
    drop(session);
    let step = prepared(&db, &WriteOptions::new().witness(true), b"dropped");
    let witness = step.witness().unwrap().clone();
    assert!(db.stats().uncommitted_bytes > 0);
    drop(step);
    assert_eq!(db.stats().uncommitted_bytes, 0);
    prepared(&db, &WriteOptions::new(), b"discarded").discard();
    assert_eq!(db.stats().uncommitted_bytes, 0);
    assert!(witness.verify(&bmt::EMPTY_ROOT).is_ok(), "a witness stands alone");
    assert_eq!((db.sequence(), db.get(&KEY).unwrap()), (0, None));
    assert_eq!(db.stats().undoable_commits, 0);
}

#[test]
fn an_overlay_drops_its_step_when_no_descendant_needs_it() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    let parent = prepared(&db, &WriteOptions::new(), b"parent").into_overlay();
    let one = db.stats().uncommitted_bytes;
    let (left, right) = (overlay(&db, &parent, b"left"), overlay(&db, &parent, b"right"));
    let all = db.stats().uncommitted_bytes;
    drop(left);
    let without_left = db.stats().uncommitted_bytes;
    assert!(one < without_left && without_left < all);
    drop(parent);
    assert_eq!(db.stats().uncommitted_bytes, without_left, "a child stands on it");
    assert_eq!(right.get(&KEY).unwrap().unwrap(), b"right");
    let copy = right.clone();
    drop(right);
    assert_eq!(db.stats().uncommitted_bytes, without_left);
    let reader = copy.begin_read();
    drop(copy);
    assert_eq!(db.stats().uncommitted_bytes, 0);
    assert_eq!(reader.get(&KEY).unwrap().unwrap(), b"right", "whatever becomes of the overlay");
    assert_eq!(db.sequence(), 0);
}

#[test]
fn a_commit_goes_on_without_its_handle() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    drop(prepared(&db, &WriteOptions::new(), b"value").commit_async().unwrap());
    while db.sequence() == 0 {
        std::thread::yield_now();
    }
    assert_eq!(db.get(&KEY).unwrap().unwrap(), b"value");
    db.close().unwrap();
    assert_eq!(Db::open(directory.path()).unwrap().sequence(), 1);
}
