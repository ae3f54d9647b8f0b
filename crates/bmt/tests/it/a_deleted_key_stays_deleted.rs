//! A deletion that is not committed hides the committed key, and what older overlays have of it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bmt::{Db, GrayPaper, Overlay, StateKey, WriteOptions};

const KEY: StateKey = StateKey::component(3);

fn child(db: &Db, parent: &Overlay<GrayPaper>, value: Option<&[u8]>) -> Overlay<GrayPaper> {
    let mut session = db.begin_write_with(&WriteOptions::new().on(parent)).unwrap();
    match value {
        Some(value) => session.insert(KEY, value).unwrap(),
        None => session.delete(&KEY),
    }
    session.prepare().unwrap().into_overlay()
}

fn is_absent(overlay: &Overlay<GrayPaper>) {
    assert_eq!(overlay.get(&KEY).unwrap(), None);
    assert_eq!(overlay.get_many(&[KEY]).unwrap(), [None]);
    assert_eq!(overlay.range(..).unwrap().count(), 0);
    overlay.prove(&KEY).unwrap().verify_absent(&overlay.root(), &KEY).unwrap();
}

#[test]
fn in_a_session_over_a_committed_key() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    db.insert(KEY, b"committed").unwrap();
    db.commit().unwrap();
    for flushed in [false, true] {
        if flushed {
            db.flush().unwrap();
        }
        let mut session = db.begin_write();
        session.delete(&KEY);
        assert_eq!(session.get(&KEY).unwrap(), None);
        assert_eq!(session.get_many(&[KEY]).unwrap(), [None]);
        assert_eq!(session.range(..).unwrap().count(), 0);
        assert_eq!(session.root().unwrap(), bmt::EMPTY_ROOT);
    }
}

#[test]
fn in_an_overlay_over_older_ones_that_have_it() {
    let directory = tempfile::tempdir().unwrap();
    let db = Db::open(directory.path()).unwrap();
    let mut session = db.begin_write();
    session.insert(KEY, b"oldest").unwrap();
    let oldest = session.prepare().unwrap().into_overlay();
    let newer = child(&db, &oldest, Some(b"newer"));
    let deleted = child(&db, &newer, None);
    is_absent(&deleted);
    // A step above that says nothing about the key.
    let session = db.begin_write_with(&WriteOptions::new().on(&deleted)).unwrap();
    assert_eq!(session.get(&KEY).unwrap(), None);
    let above = session.prepare().unwrap().into_overlay();
    is_absent(&above);
    oldest.commit().unwrap();
    is_absent(&above);
    newer.commit().unwrap();
    is_absent(&above);
    assert_eq!(db.get(&KEY).unwrap().unwrap(), b"newer");
    let again = child(&db, &above, Some(b"again"));
    assert_eq!(again.get(&KEY).unwrap().unwrap(), b"again");
    deleted.commit().unwrap();
    assert_eq!(db.get(&KEY).unwrap(), None);
}
