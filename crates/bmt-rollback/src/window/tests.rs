//! The chain of undoable commits, its limits and its encoding.

use super::Window;

fn window(count: u64) -> Window {
    let mut window = Window::new(100, 100_000);
    (1..=count).for_each(|sequence| window.push(sequence, 10, None));
    window
}

fn chain(window: &Window) -> Vec<u64> {
    window.newest_first().collect()
}

#[test]
fn it_is_bounded_in_commits_and_in_bytes() {
    let mut few = Window::new(3, 1000);
    (1..=5).for_each(|sequence| few.push(sequence, 10, None));
    assert_eq!((chain(&few), few.oldest(), few.bytes()), (vec![5, 4, 3], Some(3), 30));
    few.push(6, 985, None);
    assert_eq!((chain(&few), few.bytes()), (vec![6, 5], 995));
    few.push(7, 5000, None);
    assert_eq!((chain(&few), few.bytes(), few.head()), (vec![], 0, 7));
}

#[test]
fn a_rollback_takes_the_newest_off_and_their_bytes_count_on() {
    let mut window = window(6);
    window.rewind(4, 7);
    assert_eq!((chain(&window), window.head(), window.bytes()), (vec![4, 3, 2, 1], 4, 67));
    window.push(8, 10, None);
    window.rewind(3, 1);
    assert_eq!((chain(&window), window.head(), window.bytes()), (vec![3, 2, 1], 3, 78));
    window.rewind(0, 1);
    assert_eq!((chain(&window), window.head(), window.bytes()), (vec![], 0, 0));
}

#[test]
fn encoding_keeps_the_chain_and_the_total() {
    let mut window = window(6);
    window.rewind(4, 10);
    (8..12).for_each(|sequence| window.push(sequence, 10, None));
    window.rewind(9, 10);
    let bytes = window.encode();
    let back = Window::new(100, 100_000).decode(window.head(), window.bytes(), &bytes).unwrap();
    assert_eq!(chain(&back), [9, 8, 4, 3, 2, 1]);
    assert_eq!((back.head(), back.bytes() / 6), (9, window.bytes() / 6));
    assert_eq!(back.encode(), bytes);
}

#[test]
fn what_is_no_window_is_refused() {
    for runs in [&[0][..], &[0, 0], &[9, 1], &[0, 9], &[0, 0x80]] {
        assert_eq!(Window::new(9, 9).decode(8, 1, runs), None, "{runs:?}");
    }
}

#[test]
fn records_that_were_pruned_are_forgotten() {
    let mut window = window(5);
    window.forget_before(4);
    assert_eq!((chain(&window), window.bytes(), window.head()), (vec![5, 4], 20, 5));
}

#[test]
fn a_chain_of_many_pieces_is_cut_at_its_old_end() {
    let mut window = Window::new(10_000, 1 << 40);
    for step in 0..4000 {
        window.push(3 * step + 1, 1, None);
    }
    let bytes = window.encode();
    assert!(bytes.len() <= super::WINDOW_BYTES_MAX);
    let back = Window::new(10_000, 1 << 40).decode(window.head(), window.bytes(), &bytes).unwrap();
    assert!(back.len() > 1000);
    assert!(chain(&window).starts_with(&chain(&back)));
}

#[test]
fn a_root_that_no_entry_can_have_is_known_not_to_be_there() {
    let mut window = Window::new(9, 900);
    (1..=3_u8).for_each(|step| window.push(u64::from(step), 10, Some([step; 32])));
    assert!(window.may_have_root(&[2; 32]));
    assert!(!window.may_have_root(&[9; 32]));
    let back = Window::new(9, 900).decode(3, 30, &window.encode()).unwrap();
    assert!(back.may_have_root(&[9; 32]), "the roots are in the records");
}
