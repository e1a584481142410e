import type { FileNames } from '../folder/migrate.ts'
import { ROW_COLUMNS, type Row } from '../row/row-columns.ts'
import { rowFacts } from '../row/row-facts.ts'
import { rowHead, rowSource } from '../row/row-head.ts'
import { type CallFile, placedOf } from './call-file.ts'
import type { Touch } from './touches.ts'

const ENDED_AT = ROW_COLUMNS.indexOf('ended_at')

/**
 * Makes what lies under touched keys in some files what lies under them in others, in transactions that it begins and
 * leaves open: row, entries, counts and span. What lies in `from` must not change meanwhile, or be touched again.
 */
export function carry(
  touches: readonly Touch[],
  files: { from: (startedAtUs: number) => CallFile; to: (startedAtUs: number) => CallFile; names: FileNames },
): void {
  const placed = (row: Row) => {
    const { account, callUuid } = rowHead(row)
    const facts = rowFacts(row, files.names.sources.nameOf(rowSource(row)))
    return placedOf(row, facts, { accountId: files.names.accounts.nameOf(account), callUuid })
  }
  for (const touch of touches) {
    const source = files.from(touch.startedAtUs)
    const target = files.to(touch.startedAtUs)
    const lies = source.at(touch)
    const was = target.at(touch)
    const before = was === null ? null : placed(was.row)
    target.begin()
    if (before !== null) target.leave(touch, before.members)
    // Entries may be those of a row that lay there between the one that was copied and the one that lies there now.
    target.leave(touch, touch.members)
    if (lies === null) {
      if (before !== null) target.remove(before)
      continue
    }
    const now = placed(lies.row)
    target.put(lies.row, { center: lies.center, now, was: before === null ? null : { ...before, members: [] } })
    const endedAtUs = lies.row[ENDED_AT] as number | null
    if (endedAtUs !== null) target.span.include(endedAtUs - touch.startedAtUs)
  }
}
