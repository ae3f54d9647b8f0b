//! Tests of the separator table against a plain list.

use super::*;
use crate::key::separator;
use crate::sample::Random;
use quickcheck::quickcheck;

quickcheck! {
    fn a_table_is_a_sorted_list(seed: u64, count: u8, shared: u8, deep: bool) -> bool {
        let mut random = Random(seed);
        let mut keys = random.keys(usize::from(count) + 2, usize::from(shared % 31));
        if deep {
            // Separators longer than a head.
            let twins: Vec<Key> = keys.iter().map(|key| {
                let mut twin = *key;
                twin[31] ^= 1;
                twin
            }).collect();
            keys.extend(twins);
            keys.sort_unstable();
            keys.dedup();
        }
        let separators: Vec<Key> =
            keys.windows(2).map(|pair| separator(&pair[0], &pair[1])).collect();
        let table = SeparatorTable::new(&separators);
        let probes = keys.iter().chain(&separators).copied().chain([[0; 32], [0xff; 32]]);
        let extra: Vec<Key> = (0..20).map(|_| random.key(usize::from(shared % 31))).collect();
        separators.iter().enumerate().all(|(index, separator)| table.get(index) == *separator)
            && probes.chain(extra).all(|key| {
                let at = separators.partition_point(|separator| *separator <= key);
                let below = separators.partition_point(|separator| *separator < key);
                table.child_of(&key) == at.saturating_sub(1)
                    && table.child_below(&key) == below.saturating_sub(1)
            })
    }
}
