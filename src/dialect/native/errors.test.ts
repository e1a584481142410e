import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Fault } from '../fault.ts'
import { toNativeError } from './errors.ts'

const cases: { fault: Fault; status: number; headers?: Record<string, string>; field?: string; says: RegExp }[] = [
  {
    fault: { code: 'unauthenticated', why: 'no key' },
    status: 401,
    headers: { 'www-authenticate': 'Bearer' },
    says: /no key/,
  },
  { fault: { code: 'forbidden', why: 'lacks admin' }, status: 403, says: /lacks admin/ },
  { fault: { code: 'call_not_found', callId: 'abc' }, status: 404, says: /no call abc/ },
  { fault: { code: 'not_found', what: 'source pbx' }, status: 404, says: /no source pbx/ },
  { fault: { code: 'unknown_path' }, status: 404, says: /openapi/ },
  {
    fault: { code: 'method_not_allowed', allow: ['GET', 'HEAD'] },
    status: 405,
    headers: { allow: 'GET, HEAD' },
    says: /GET, HEAD/,
  },
  { fault: { code: 'bad_request', field: 'limit', why: 'is odd' }, status: 400, field: 'limit', says: /limit: is odd/ },
  { fault: { code: 'conflict', field: 'id', why: 'is taken' }, status: 409, field: 'id', says: /id: is taken/ },
  { fault: { code: 'too_large', limitBytes: 1024 }, status: 413, says: /1024 bytes/ },
  { fault: { code: 'unsupported_media', why: 'send JSON' }, status: 415, says: /send JSON/ },
  { fault: { code: 'too_many_to_sort', matches: 1_000_001 }, status: 422, says: /1000001 calls/ },
  { fault: { code: 'rate_limited', retryAfterS: 7 }, status: 429, headers: { 'retry-after': '7' }, says: /7 s/ },
  { fault: { code: 'too_slow', deadlineS: 30 }, status: 503, says: /30 s and was given up: ask for a shorter range/ },
  { fault: { code: 'overloaded', retryAfterS: 0.2 }, status: 503, headers: { 'retry-after': '1' }, says: /waiting/ },
  { fault: { code: 'cannot_store', retryAfterS: 10 }, status: 503, headers: { 'retry-after': '10' }, says: /disk/ },
  { fault: { code: 'internal' }, status: 500, says: /log/ },
]

for (const { fault, status, headers = {}, field, says } of cases) {
  it(`answers ${fault.code} with ${status}`, () => {
    const answer = toNativeError(fault)
    assert.equal(answer.status, status)
    assert.deepEqual(answer.headers, headers)
    assert.equal(answer.body.error.code, fault.code)
    assert.equal(answer.body.error.field, field)
    assert.match(answer.body.error.message, says)
  })
}

it('does not repeat an endless id', () => {
  const { body } = toNativeError({ code: 'call_not_found', callId: 'x'.repeat(1_000_000) })
  assert.ok(body.error.message.length < 200)
})
