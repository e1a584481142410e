import { assemble } from '../../src/record/assemble.ts'
import type { CallRecord } from '../../src/record/call-record.ts'
import type { Facts } from '../../src/record/facts.ts'

/** A record with these facts and nothing derived: a test says what it is about, and the rest is not known. */
export function callOf(facts: Facts): CallRecord {
  const head = {
    id: 1,
    callUuid: '90b6eb07-796c-4d86-a4fd-44ed11667ddb',
    accountId: 'MA2025RK4E639VJFZAGV',
    receivedAtUs: 1_705_329_120_000_000,
    updatedAtUs: 1_705_329_120_000_000,
    changeSeq: 1,
  }
  return assemble(head, { startedAtUs: 1_705_328_928_000_000, ...facts }, [])
}

/** The same, ended at 2024-01-15T14:32:00Z. */
export function endedCallOf(facts: Facts): CallRecord & { endedAtUs: number } {
  return callOf({ endedAtUs: 1_705_329_120_000_000, ...facts }) as CallRecord & { endedAtUs: number }
}
