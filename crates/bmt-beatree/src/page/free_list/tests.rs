//! Tests of the free list's pages.

use super::*;
use crate::sample::Random;
use bmt_io::checksum;
use quickcheck::quickcheck;

const SEAL: Seal = Seal::new(6);

fn runs(random: &mut Random, count: usize) -> Vec<PageRun> {
    let mut page = 0;
    (0..count)
        .map(|_| {
            let bits = random.below(20);
            page += 1 + u32::try_from(random.below(1 << bits)).unwrap();
            let run = PageRun { page, page_count: 1 + u32::try_from(random.below(300)).unwrap() };
            page += run.page_count;
            run
        })
        .collect()
}

quickcheck! {
    fn runs_survive_a_chain(seed: u64, count: u16) -> bool {
        let runs = runs(&mut Random(seed), usize::from(count % 5000));
        let (mut rest, mut found, mut pages) = (&runs[..], Vec::new(), 0);
        while !rest.is_empty() {
            let mut bytes = vec![0xee; PAGE_SIZE];
            let taken = fill(rest, &mut bytes);
            let next = PageRef { page: 9, checksum: 99 };
            let place = close(SEAL, 7, Some(next), &mut bytes);
            let page = open(SEAL, place, &bytes).unwrap();
            found.extend(page.runs);
            rest = &rest[taken..];
            pages += 1;
        }
        found == runs && pages == page_count(&runs)
    }

    fn damaged_pages_are_typed_errors_or_ascend(seed: u64) -> bool {
        let mut random = Random(seed);
        let runs = runs(&mut random, 500);
        let mut original = vec![0; PAGE_SIZE];
        fill(&runs, &mut original);
        close(SEAL, 7, None, &mut original);
        (0..300).all(|_| {
            let mut bytes = original.clone();
            let bound = random.pick(&[32, 4080]);
            bytes[16 + random.below(bound)] ^= 1 << random.below(8);
            parse(&bytes).is_none_or(|page| {
                page.runs.windows(2).all(|two| two[0].page + two[0].page_count < two[1].page)
            })
        })
    }
}

#[test]
fn a_free_list_page_is_golden() {
    let mut bytes = vec![0; PAGE_SIZE];
    fill(&runs(&mut Random(42), 900), &mut bytes);
    let place = close(SEAL, 7, None, &mut bytes);
    assert_eq!(&bytes[..8], b"BTFR\x01\0\0\0");
    assert_eq!(
        (place.checksum, checksum(0, &bytes)),
        (956_865_022_088_216_133, 5_201_708_450_509_796_130)
    );
}
