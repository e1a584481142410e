import fc from 'fast-check'
import { FACTS, UNITED_LISTS } from '../../src/record/facts.ts'
import { formatRfc3339 } from '../../src/record/time.ts'
import { ARRIVED_AT_US, type Body, CALL_UUID } from './a-report.ts'
import { anyMoney, anyText, anyTimeUs, anyWireValue } from './any-value.ts'

/** A body with its wire fields, as `FACTS` and `UNITED_LISTS` name them: `{ from: { number } }`. */
type Parts = Partial<Record<string, unknown>>

const HOUR_US = 3_600_000_000

/** Times of the call itself: never more than a day ahead of `ARRIVED_AT_US`, and often equal to one another. */
const callTimes = fc
  .record({
    fromUs: fc.oneof(
      fc.constantFrom(ARRIVED_AT_US - HOUR_US, ARRIVED_AT_US - 2 * HOUR_US),
      anyTimeUs(1, ARRIVED_AT_US + 20 * HOUR_US),
    ),
    rangAfterUs: fc.integer({ min: 0, max: 60_000_000 }),
    answeredAfterUs: fc.oneof(fc.constant(12_000_000), fc.integer({ min: 0, max: HOUR_US })),
    endedAfterUs: fc.oneof(fc.constantFrom(0, 192_000_000), fc.integer({ min: 0, max: 3 * HOUR_US })),
    given: fc.record({
      started_at: odds(8),
      rang_at: odds(3),
      answered_at: odds(6),
      ended_at: odds(6),
    }),
  })
  .map(({ fromUs, rangAfterUs, answeredAfterUs, endedAfterUs, given }) => {
    const times = {
      started_at: formatRfc3339(fromUs),
      rang_at: formatRfc3339(fromUs + rangAfterUs),
      answered_at: formatRfc3339(fromUs + answeredAfterUs),
      ended_at: formatRfc3339(fromUs + endedAfterUs),
    }
    return Object.fromEntries(Object.entries(times).filter(([name]) => given[name as keyof typeof given]))
  })

/** True in `n` of ten. */
function odds(n: number): fc.Arbitrary<boolean> {
  return fc.integer({ min: 0, max: 9 }).map((drawn) => drawn >= 10 - n)
}

const TIMES = new Set(['startedAtUs', 'rangAtUs', 'answeredAtUs', 'endedAtUs', 'endInferred'])

/** Values of the single fields that are no time of the call, each there or not. */
function anyFields(share: number): fc.Arbitrary<Parts> {
  const fields = FACTS.filter(({ path }) => !TIMES.has(path)).map(({ path, wire, codec }) =>
    fc
      .tuple(odds(share), anyValueOf(path, codec.schema))
      .map(([given, value]) => ({ wire, value: given ? value : undefined })),
  )
  return fc.tuple(...fields).map((drawn) => {
    const body: Parts = {}
    for (const { wire, value } of drawn) if (value !== undefined) put(body, wire, value)
    return body
  })
}

function anyValueOf(path: string, schema: object): fc.Arbitrary<unknown> {
  if (path === 'from.number' || path === 'to.number') return anyNumber
  if (path.endsWith('Nanos')) return fc.option(anyMoney('price'), { freq: 4 })
  if (path.endsWith('Micros')) return fc.option(anyMoney('amount'), { freq: 4 })
  return anyWireValue(schema)
}

const anyNumber = fc.oneof(
  fc.constantFrom('+12025551234', '+13128574907', '+442071838750', '1001', 'anonymous', 'sip:zoë@pbx.example'),
  anyText(128),
)

/** Entries of the lists that unite, each with what tells it from the others. */
const anyUnited: fc.Arbitrary<Parts> = fc
  .tuple(
    ...UNITED_LISTS.map(({ wire, item, keyOf, fields }) =>
      fc
        .uniqueArray(
          anyWireValue(item.schema).filter((entry) => keyOf(inner(entry as Body, fields) as never) !== null),
          { maxLength: 3, selector: (entry) => keyOf(inner(entry as Body, fields) as never) },
        )
        .map((entries) => ({ wire, entries })),
    ),
    odds(3),
  )
  .map((drawn) => {
    const given = drawn.at(-1)
    const body: Parts = {}
    if (given !== true) return body
    for (const { wire, entries } of drawn.slice(0, -1) as { wire: readonly string[]; entries: unknown[] }[])
      if (entries.length > 0) put(body, wire, entries)
    return body
  })

/** An entry's wire fields under the names of the code, as far as keys go: times stay text. */
function inner(entry: Body, fields: readonly string[]): Body {
  const wireNames = Object.keys(entry)
  return Object.fromEntries(fields.map((name, at) => [name, entry[wireNames[at] as string] ?? null]))
}

function put(body: Parts, [top, nested]: readonly string[], value: unknown): void {
  if (nested === undefined) body[top as string] = value
  else body[top as string] = { ...(body[top as string] as object), [nested]: value }
}

function merged(...parts: Parts[]): Parts {
  const body: Parts = {}
  for (const part of parts)
    for (const [top, value] of Object.entries(part))
      body[top] =
        typeof value === 'object' && value !== null && !Array.isArray(value)
          ? { ...(body[top] as object), ...value }
          : value
  return body
}

/**
 * A native body that is accepted: any part of a call, every field of the record now and then, with odd text, far times
 * and large sums. A CDR where it has both a start and an end.
 */
export function anyBody({
  share = 3,
  callUuid = fc.constant(CALL_UUID) as fc.Arbitrary<string>,
} = {}): fc.Arbitrary<Body> {
  return fc
    .record({ callUuid, times: callTimes, fields: anyFields(share), united: anyUnited, inferred: odds(2) })
    .map(({ callUuid, times, fields, united, inferred }) => {
      const body: Body = { call_uuid: callUuid, ...merged(times, fields, united) }
      if (times.ended_at !== undefined) {
        if (inferred) body.end_inferred = true
        if (times.started_at === undefined) body.kind = 'end'
      }
      return body
    })
}

const CLEARABLE = ['tags', 'from.number', 'hangup.code', 'user_data', 'recordings', 'center.agents', 'answered_at']

/** A body of any kind, at a time of few, that may empty fields: sets of them contradict one another. */
function anyReportBody(callUuid: fc.Arbitrary<string>): fc.Arbitrary<Body> {
  return fc
    .record({
      body: anyBody({ share: 1, callUuid }),
      kind: fc.constantFrom('start', 'update', 'end', 'cdr', 'quality', 'correction'),
      reportedAtUs: fc.option(fc.constantFrom(0, 1, 2, 60_000_001).map((after) => ARRIVED_AT_US - HOUR_US + after)),
      clear: fc.oneof(fc.constant([]), fc.subarray(CLEARABLE, { maxLength: 3 })),
      few: fc.record(
        {
          tags: fc.constantFrom(['a'], ['b'], ['a', 'b']),
          user_data: fc.constantFrom('x', 'y'),
          hangup: fc.constantFrom({ code: 3000 }, { code: 3010, name: 'normal_hangup' }, { q850: 16 }),
          recordings: fc.subarray([{ id: 1, url: 'https://a.example' }, { id: 1, url: null }, { id: 2 }], {
            maxLength: 1,
          }),
        },
        { requiredKeys: [] },
      ),
    })
    .map(({ body, kind, reportedAtUs, clear, few }) => ({
      ...merged(body, few),
      kind: (kind === 'start' || kind === 'cdr') && body.started_at === undefined ? 'update' : kind,
      ...(reportedAtUs === null ? {} : { reported_at: formatRfc3339(reportedAtUs) }),
      ...(clear.length === 0 ? {} : { clear }),
    }))
}

/** The bodies of several reports of one call, with the times at which they arrived. */
export function anyReportBodies({
  callUuid = fc.constant(CALL_UUID) as fc.Arbitrary<string>,
  maxLength = 6,
} = {}): fc.Arbitrary<{ body: Body; arrivedAtUs: number }[]> {
  return fc.array(
    fc.record({
      body: anyReportBody(callUuid),
      arrivedAtUs: fc.constantFrom(0, 1, 1, 2, 5_000_000).map((after) => ARRIVED_AT_US + after),
    }),
    { minLength: 1, maxLength },
  )
}
