import type { ErasureBegun, ErasureRequest } from '../../keeping.ts'
import { filesHolding } from './byte-search.ts'
import type { KeepingHands } from './keeping-hands.ts'

/** Digits at the end of a number that its national form has as well, mostly. */
const FEWEST_TRACED = 7
const COUNTRY_DIGITS = 3
/** A segment that is written anew while calls are changed in it may have to be written once more. */
const CLEANINGS = 4

/** Erases a number from a folder, and every trace of it; the id of the record that it leaves. */
export async function eraseFrom(
  hands: KeepingHands,
  { forgetQuarantined, onProgress = () => {}, now, ...asked }: ErasureRequest,
): Promise<number> {
  const { accountId, digits } = asked
  const { keep } = hands.store
  const begun: ErasureBegun = { ...asked, nowUs: now() }
  const id = Number(await keep({ do: 'begin', erasure: begun }))
  const quarantined = await forgetQuarantined()
  const plan = hands.store.planOf(accountId)
  const given = { folder: hands.folder, accountId, digits, plan }
  const done = { calls: 0, reports: 0 }
  const touched = new Set<number>()
  let lookedAt = 0
  for await (const found of hands.search({ find: 'calls with a number', beganBeforeUs: begun.nowUs, ...given })) {
    const forgotten = await hands.forget({ accountId, forget: 'numbers', beforeUs: begun.nowUs }, found.callUuids)
    done.calls += forgotten.calls
    done.reports += await hands.blank(forgotten.raw)
    if (found.callUuids?.length && found.segment != null) touched.add(found.segment)
    lookedAt += found.lookedAt
    onProgress({ done: lookedAt, total: null })
  }
  // Reports that say more than their calls, and those of no call.
  for await (const found of hands.search({ find: 'reports with a number', ...given }))
    done.reports += await hands.blank(found.raw)
  await clean(hands, { touched, digits })
  await keep({ do: 'finish', erasure: { id, nowUs: now(), quarantined, ...done } })
  return id
}

/**
 * SQLite leaves copies of what it has moved in the room between a page's cells, `secure_delete` or not: whatever file the
 * number was in is written anew, and any other in which its digits stand.
 */
async function clean(
  hands: KeepingHands,
  { touched, digits }: { touched: ReadonlySet<number>; digits: string },
): Promise<void> {
  await hands.store.keep({ do: 'compact' })
  await hands.emptyLogs()
  const traced = digits.slice(-Math.max(FEWEST_TRACED, digits.length - COUNTRY_DIGITS))
  const cleaned = new Set<string>()
  for (let round = 0; round < CLEANINGS; round += 1) {
    const segments = hands.segments().filter(({ path }) => !cleaned.has(path))
    const holding = new Set(
      await filesHolding(
        segments.map(({ path }) => path),
        traced,
      ),
    )
    const dirty = segments.filter(({ no, path }) => holding.has(path) || (round === 0 && touched.has(no)))
    if (dirty.length === 0) return
    for (const { no, fromUs } of dirty) {
      await hands.vacuum(no)
      // What stands in it still are the numbers of calls, those of other accounts.
      const anew = hands.segments().find((segment) => segment.fromUs === fromUs)
      if (anew !== undefined) cleaned.add(anew.path)
    }
    await hands.emptyLogs()
  }
}
