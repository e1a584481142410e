import { createHmac, randomBytes } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'
import type { NumberSearch } from '../../../record/numbers-in-text.ts'
import type { NumberingPlan } from '../../../record/phone.ts'
import type { Erasure, ErasureBegun } from '../../keeping.ts'

/**
 * What was erased, in `meta.db`: of a number there is only a hash, keyed with a secret of this folder, and its last two
 * digits. An erasure without `finished_us` was interrupted, or is under way.
 */
const DDL = `
  CREATE TABLE IF NOT EXISTS erasures (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    hash BLOB NOT NULL,
    last_two TEXT NOT NULL,
    by_key TEXT,
    reason TEXT NOT NULL,
    begun_us INTEGER NOT NULL,
    finished_us INTEGER,
    calls INTEGER NOT NULL DEFAULT 0,
    reports INTEGER NOT NULL DEFAULT 0,
    quarantined INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE IF NOT EXISTS erasure_secret (
    one INTEGER PRIMARY KEY CHECK (one = 1), secret BLOB NOT NULL
  ) STRICT;
`
const HASH_BYTES = 16
const TOKEN_LETTERS = 8

/** The numbers that were erased, as the one writer knows them again in what comes later. */
export class ErasedNumbers {
  readonly #meta: DatabaseSync
  readonly #secret: Uint8Array
  /** Of each account, by hash, when the number was last erased. */
  readonly #known = new Map<string, Map<string, number>>()

  constructor(meta: DatabaseSync) {
    meta.exec(DDL)
    this.#meta = meta
    this.#secret = secretOf(meta)
    for (const { account, hash, begun_us } of meta.prepare('SELECT account, hash, begun_us FROM erasures').iterate())
      this.#remember(String(account), Buffer.from(hash as Uint8Array).toString('hex'), Number(begun_us))
  }

  /** From here on the number is known; on the disk before it returns. The erasure's id. */
  begin({ accountId, digits, byKey, reason, nowUs }: ErasureBegun): number {
    const { hash } = hashedNumber(this.#secret, { accountId, digits })
    const { lastInsertRowid } = this.#meta
      .prepare('INSERT INTO erasures (account, hash, last_two, by_key, reason, begun_us) VALUES (?, ?, ?, ?, ?, ?)')
      .run(accountId, Buffer.from(hash, 'hex'), digits.slice(-2), byKey, reason, nowUs)
    this.#remember(accountId, hash, nowUs)
    return Number(lastInsertRowid)
  }

  finish(given: { id: number; nowUs: number; calls: number; reports: number; quarantined: number }): void {
    const { id, nowUs, calls, reports, quarantined } = given
    this.#meta
      .prepare('UPDATE erasures SET finished_us = ?, calls = ?, reports = ?, quarantined = ? WHERE id = ?')
      .run(nowUs, calls, reports, quarantined, id)
  }

  hasAny(accountId: string): boolean {
    return this.#known.has(accountId)
  }

  /** What is looked for in a call of an account that began at this time: numbers erased later. Null for nothing. */
  searchOf(
    accountId: string,
    { startedAtUs, plan }: { startedAtUs: number; plan: NumberingPlan },
  ): NumberSearch | null {
    const known = this.#known.get(accountId)
    if (known === undefined) return null
    let latestUs = 0
    for (const begunUs of known.values()) latestUs = Math.max(latestUs, begunUs)
    if (startedAtUs >= latestUs) return null
    return {
      plan,
      tokenOf: (digits) => {
        const { hash, token } = hashedNumber(this.#secret, { accountId, digits })
        return startedAtUs < (known.get(hash) ?? 0) ? token : null
      },
    }
  }

  #remember(accountId: string, hash: string, begunUs: number): void {
    const known = this.#known.get(accountId) ?? new Map<string, number>()
    known.set(hash, Math.max(begunUs, known.get(hash) ?? 0))
    this.#known.set(accountId, known)
  }
}

/** By what a number of an account is known again, and what stands in for it; `secret` is the folder's. */
export function hashedNumber(
  secret: Uint8Array,
  { accountId, digits }: { accountId: string; digits: string },
): { hash: string; token: string } {
  const bytes = createHmac('sha256', secret).update(`${accountId} ${digits}`).digest()
  const letters = bytes.subarray(HASH_BYTES, HASH_BYTES + TOKEN_LETTERS)
  const token = `erased-${[...letters].map((byte) => String.fromCharCode(97 + (byte % 26))).join('')}`
  return { hash: bytes.toString('hex', 0, HASH_BYTES), token }
}

function secretOf(meta: DatabaseSync): Uint8Array {
  meta.prepare('INSERT OR IGNORE INTO erasure_secret VALUES (1, ?)').run(randomBytes(32))
  return meta.prepare('SELECT secret FROM erasure_secret').get()?.secret as Uint8Array
}

/** The erasures of an account, the latest first; `meta` is open for reading. */
export function readErasures(meta: DatabaseSync, accountId: string): Omit<Erasure, 'putAside'>[] {
  const rows = meta.prepare('SELECT * FROM erasures WHERE account = ? ORDER BY id DESC').all(accountId)
  return rows.map((row) => ({
    id: Number(row.id),
    accountId,
    numberHash: Buffer.from(row.hash as Uint8Array).toString('hex'),
    lastTwo: String(row.last_two),
    byKey: row.by_key as string | null,
    reason: String(row.reason),
    begunAtUs: Number(row.begun_us),
    finishedAtUs: row.finished_us as number | null,
    calls: Number(row.calls),
    reports: Number(row.reports),
    quarantined: Number(row.quarantined),
  }))
}
