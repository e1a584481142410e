import { callUuidFor, isUuid } from '../record/identity.ts'
import { accountOf } from '../store/account-of.ts'
import type { CallStore } from '../store/call-store.ts'
import type { Source } from '../store/directory.ts'
import type { Reading } from './reading.ts'

type ReadCall = Extract<Reading, { ok: true }>
type AskedSource = Pick<Source, 'name' | 'rules'>

/**
 * The account of each record of a source, null where nothing names one: by a rule that the record answers for sure, else
 * that of the call it is about or a leg of, among these records or stored, else by whichever rule it answers.
 */
export async function accountsOf(
  source: AskedSource,
  readings: readonly Reading[],
  calls: Pick<CallStore, 'find'>,
): Promise<(string | null)[]> {
  const known = new Map<string, string | null>()
  const sure = readings.map((reading) => {
    const accountId = reading.ok ? sureAccountOf(source, reading) : null
    if (reading.ok && accountId !== null) remember(known, reading, accountId)
    return accountId
  })
  const accounts: (string | null)[] = []
  for (const [index, reading] of readings.entries()) {
    const named = sure[index] ?? null
    accounts.push(named !== null || !reading.ok ? named : await unsureAccountOf(source, { reading, known, calls }))
  }
  return accounts
}

/**
 * By the first rule that matches, where every rule before it looks at something that the record says. A record that says
 * less than another about its session, or leaves open what it says, would fall to a later rule than that one did.
 */
function sureAccountOf(source: AskedSource, { hints, guesses = [], identity }: ReadCall): string | null {
  if (identity === undefined || isOfOne(source)) return accountOf(source, hints)
  for (const rule of source.rules) {
    if (rule.match !== 'fixed' && ((hints[rule.match] ?? '') === '' || guesses.includes(rule.match))) return null
    const accountId = accountOf({ rules: [rule] }, hints)
    if (accountId !== null) return accountId
  }
  return null
}

async function unsureAccountOf(
  source: AskedSource,
  { reading, known, calls }: { reading: ReadCall; known: Map<string, string | null>; calls: Pick<CallStore, 'find'> },
): Promise<string | null> {
  const key = keyOfCall(reading)
  if (key !== null && known.get(key) === undefined) known.set(key, await accountOfStored(source, reading, calls))
  const accountId = (key === null ? null : known.get(key)) ?? accountOf(source, reading.hints)
  if (accountId !== null) remember(known, reading, accountId)
  return accountId
}

/** The account in which the call that a record is about, or a leg of, is stored. */
async function accountOfStored(
  { name, rules }: AskedSource,
  { call: { parent_uuid: parent }, identity, parentIdentity }: ReadCall,
  calls: Pick<CallStore, 'find'>,
): Promise<string | null> {
  const sourceId = parentIdentity ?? identity
  for (const accountId of new Set(rules.map((rule) => rule.accountId))) {
    const callUuid =
      sourceId === undefined ? String(parent).toLowerCase() : callUuidFor({ accountId, source: name, sourceId })
    if ((await calls.find({ accountId, callUuid })) !== null) return accountId
  }
  return null
}

function isOfOne({ rules }: AskedSource): boolean {
  return rules.every(({ accountId }) => accountId === rules[0]?.accountId)
}

/** What tells the call that a record is about, or a leg of, from the others; null where the record does not say. */
function keyOfCall({ call: { parent_uuid: parent }, identity, parentIdentity }: ReadCall): string | null {
  const sourceId = parentIdentity ?? identity
  if (sourceId !== undefined) return `identity ${sourceId}`
  return typeof parent === 'string' && isUuid(parent) ? parent.toLowerCase() : null
}

function remember(known: Map<string, string | null>, { call, identity, parentIdentity }: ReadCall, accountId: string) {
  known.set(String(call.call_uuid).toLowerCase(), accountId)
  for (const id of [identity, parentIdentity]) if (id !== undefined) known.set(`identity ${id}`, accountId)
}
