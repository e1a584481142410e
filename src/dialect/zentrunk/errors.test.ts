import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Fault } from '../fault.ts'
import { toPlivoError } from './errors.ts'

const cases: { fault: Fault; status: number; says: RegExp; headers?: Record<string, string> }[] = [
  {
    fault: { code: 'unauthenticated', why: 'no key was given' },
    status: 401,
    says: /^authentication failed: no key was given$/,
    headers: { 'www-authenticate': 'Basic realm="Calltrail", charset="UTF-8"' },
  },
  { fault: { code: 'forbidden', why: 'this key lacks the scope read' }, status: 403, says: /^forbidden: .*read$/ },
  { fault: { code: 'call_not_found', callId: 'x' }, status: 404, says: /^not found/ },
  { fault: { code: 'not_found', what: 'the account' }, status: 404, says: /^not found: the account$/ },
  { fault: { code: 'unknown_path' }, status: 404, says: /^not found/ },
  {
    fault: { code: 'method_not_allowed', allow: ['GET', 'HEAD'] },
    status: 405,
    says: /^method not allowed$/,
    headers: { allow: 'GET, HEAD' },
  },
  { fault: { code: 'bad_request', field: 'limit', why: 'is odd' }, status: 400, says: /^limit: is odd$/ },
  { fault: { code: 'conflict', field: 'id', why: 'is taken' }, status: 409, says: /^id: is taken$/ },
  { fault: { code: 'too_large', limitBytes: 10 }, status: 413, says: /10 bytes/ },
  { fault: { code: 'unsupported_media', why: 'send JSON' }, status: 415, says: /^send JSON$/ },
  {
    fault: { code: 'rate_limited', retryAfterS: 4 },
    status: 429,
    says: /^too many requests$/,
    headers: { 'retry-after': '4' },
  },
  { fault: { code: 'too_many_to_sort', matches: 2_000_000 }, status: 400, says: /^2000000 calls/ },
  { fault: { code: 'too_slow', deadlineS: 30 }, status: 503, says: /shorter range of time$/ },
  { fault: { code: 'overloaded', retryAfterS: 1 }, status: 503, says: /^overloaded/, headers: { 'retry-after': '1' } },
  {
    fault: { code: 'cannot_store', retryAfterS: 10 },
    status: 503,
    says: /^nothing can be stored/,
    headers: { 'retry-after': '10' },
  },
  { fault: { code: 'internal' }, status: 500, says: /^internal error$/ },
]
for (const { fault, status, says, headers = {} } of cases) {
  it(`answers ${fault.code} with ${status}`, () => {
    const answer = toPlivoError(fault, 'a63df7e3-9f24-4aae-9152-dc8f92548290')
    assert.deepEqual([answer.status, answer.headers], [status, headers])
    assert.deepEqual(Object.keys(answer.body), ['api_id', 'error'])
    assert.equal(answer.body.api_id, 'a63df7e3-9f24-4aae-9152-dc8f92548290')
    assert.match(answer.body.error, says)
  })
}

it('gives each error an api_id of its own', () => {
  const fault: Fault = { code: 'internal' }
  assert.notEqual(toPlivoError(fault).body.api_id, toPlivoError(fault).body.api_id)
})
