import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { Fault, FaultCode } from '../src/dialect/fault.ts'
import { toNativeError } from '../src/dialect/native/errors.ts'
import { toNectarDeskError } from '../src/dialect/nectardesk/errors.ts'
import { toPortsipError } from '../src/dialect/portsip/errors.ts'
import { toPlivoError } from '../src/dialect/zentrunk/errors.ts'

/** One of each; a new code breaks the build here. */
const FAULTS: { [Code in FaultCode]: Extract<Fault, { code: Code }> } = {
  unauthenticated: { code: 'unauthenticated', why: 'no key was given' },
  forbidden: { code: 'forbidden', why: 'this key lacks the scope read' },
  call_not_found: { code: 'call_not_found', callId: 'x' },
  not_found: { code: 'not_found', what: 'key x' },
  unknown_path: { code: 'unknown_path' },
  method_not_allowed: { code: 'method_not_allowed', allow: ['GET'] },
  bad_request: { code: 'bad_request', field: 'limit', why: 'must be a number' },
  conflict: { code: 'conflict', field: 'id', why: 'exists' },
  too_large: { code: 'too_large', limitBytes: 1 },
  unsupported_media: { code: 'unsupported_media', why: 'send JSON' },
  rate_limited: { code: 'rate_limited', retryAfterS: 3 },
  too_many_to_sort: { code: 'too_many_to_sort', matches: 2_000_000 },
  too_slow: { code: 'too_slow', deadlineS: 30 },
  overloaded: { code: 'overloaded', retryAfterS: 1 },
  cannot_store: { code: 'cannot_store', retryAfterS: 10 },
  internal: { code: 'internal' },
}

/** In the order of the page's columns. */
const COLUMNS: readonly ((fault: Fault) => { status: number })[] = [
  toNativeError,
  toPlivoError,
  toNectarDeskError,
  toPortsipError,
]

describe('docs/errors.md', () => {
  it('lists every fault with the status that each dialect answers, and no other', () => {
    const page = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8')
    const written = [...page.matchAll(/^\| `(\w+)` \|((?: \d+ \|)+)/gm)].map(([, code, statuses = '']) => [
      code,
      ...[...statuses.matchAll(/\d+/g)].map(Number),
    ])
    const coded = Object.values(FAULTS).map((fault) => [fault.code, ...COLUMNS.map((toError) => toError(fault).status)])
    assert.deepEqual(written, coded)
  })
})
