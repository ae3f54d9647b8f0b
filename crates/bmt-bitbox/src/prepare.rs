//! Preparing a switch: images to free buckets, a record for each table that changes, and a sync.

pub(crate) mod draft;
pub(crate) mod locate;
pub(crate) mod record;

use crate::batch::Batch;
use crate::copy;
use crate::core::Core;
use crate::error::TableError;
use crate::format::image;
use crate::format::names::TableNames;
use crate::growth;
use crate::ledger::Writer;
use crate::settle;
use crate::stats::add;
use crate::switch::PreparedSwitch;
use crate::units::to_u64;
use draft::Draft;
use record::RecordDraft;
use std::sync::Arc;

/// Writes all that a batch needs, and syncs it. The tables are as they were until the switch that is
/// returned is committed.
pub(crate) fn prepare(core: &Arc<Core>, batch: &Batch<'_>) -> Result<PreparedSwitch, TableError> {
    let mut writer = core.writer.lock();
    core.check_poison()?;
    if let Some(batch) = writer.prepared {
        return Err(TableError::SwitchPending { batch });
    }
    settle::settle(core, &mut writer)?;
    let existing = locate::locate(core, batch, writer.batch)?;
    growth::make_room(core, &mut writer, batch.put_count())?;
    let (moves, copied_below) = copy::gather(core, batch.put_count())?;
    let draft = Draft::allocate(core, writer.batch + 1, batch, &existing, moves);
    let dropped = emptied_tables(core, &writer, &draft);
    let records = match write(core, &writer, &draft, &dropped) {
        Ok(records) => records,
        Err(error) => {
            draft.release(core);
            return Err(error);
        }
    };
    writer.prepared = Some(draft.batch);
    let names = names_after(&writer, &records, &dropped);
    Ok(PreparedSwitch::new(
        Arc::clone(core),
        draft.into_changes(),
        names,
        records,
        dropped,
        copied_below,
    ))
}

/// The sources that have nothing live after this batch: no manifest names them any more.
fn emptied_tables(core: &Core, writer: &Writer, draft: &Draft<'_>) -> Vec<u64> {
    let set = core.set.read();
    let sources = writer.ledgers.iter().skip(1).map(|ledger| ledger.file.number);
    let is_emptied =
        |number: &u64| set.get(*number).is_none_or(|table| draft.live_count_after(table) == 0);
    sources.filter(is_emptied).collect()
}

fn write(
    core: &Core,
    writer: &Writer,
    draft: &Draft<'_>,
    dropped: &[u64],
) -> Result<Vec<RecordDraft>, TableError> {
    let target = writer.target();
    let failed = |error| core.write_failed(error);
    let mut pages = core.page_writer(&target.file.file).map_err(failed)?;
    for put in &draft.puts {
        let mut buffer = pages.buffer(1).map_err(failed)?;
        image::encode(&mut buffer, put.id, put.payload);
        pages.write(buffer, target.file.geometry.bucket_offset(put.bucket)).map_err(failed)?;
        if pages.unsynced_bytes >= core.options.sync_every_bytes {
            pages.drain().map_err(failed)?;
            core.sync(&*target.file.file)?;
            pages.unsynced_bytes = 0;
        }
    }
    add(&core.counters.image_writes, to_u64(draft.puts.len()));
    let mut records = vec![record::write(core, target, draft, &mut pages).map_err(failed)?];
    pages.drain().map_err(failed)?;
    core.sync(&*target.file.file)?;
    drop(pages);
    for ledger in writer.ledgers.iter().skip(1) {
        let number = ledger.file.number;
        if dropped.contains(&number) || !draft.changes_table(number) {
            continue;
        }
        let mut pages = core.page_writer(&ledger.file.file).map_err(failed)?;
        records.push(record::write(core, ledger, draft, &mut pages).map_err(failed)?);
        pages.drain().map_err(failed)?;
        core.sync(&*ledger.file.file)?;
    }
    Ok(records)
}

fn names_after(writer: &Writer, records: &[RecordDraft], dropped: &[u64]) -> TableNames {
    let kept = writer.ledgers.iter().filter(|ledger| !dropped.contains(&ledger.file.number));
    let mut names = kept.map(|ledger| {
        let number = ledger.file.number;
        let written = records.iter().find(|record| record.name.table == number);
        written.map_or(ledger.name, |record| record.name)
    });
    let Some(target) = names.next() else { unreachable!("there is always a target") };
    let source = names.next();
    assert_eq!(names.next(), None, "INV-BB-10: at most two tables are named");
    TableNames { target, source }
}
