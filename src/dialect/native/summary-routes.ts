import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import type { Account } from '../../record/account.ts'
import { INTERVALS } from '../../record/bucket-edges.ts'
import { DIRECTIONS } from '../../record/call-record.ts'
import { formatDecimal } from '../../record/decimal.ts'
import { formatRfc3339 } from '../../record/time.ts'
import { MOST_BUCKETS, type SummaryRow } from '../../store/summary.ts'
import { refuseOtherMethods } from '../other-methods.ts'
import { readingFor } from '../reading.ts'
import type { CallParts } from './call-routes.ts'
import { callerOf, callersWith } from './caller.ts'
import type { Parameters } from './query.ts'
import { type NativeSummary, readSummary } from './summary-query.ts'

/** `GET /summary`: calls added up by time and direction. */
export const summaryRoutes: FastifyPluginAsyncTypebox<Omit<CallParts, 'feed'>> = async (app, { parts, guard }) => {
  const { calls, directory, limits } = parts
  // Parameters are read by `readSummary`, which names what is wrong with each; the schema describes them.
  app.setValidatorCompiler(() => (value) => ({ value }))

  app.get('/summary', { schema: SUMMARY, onRequest: callersWith(guard, 'read') }, async (request, reply) => {
    const { id: accountId, settings } = directory.account(callerOf(request).accountId) as Account
    const asked = readSummary(request.query as Parameters, settings)
    const { by, edgesUs, legs } = asked
    return present(asked, await calls.summary({ accountId, by, edgesUs, legs }, readingFor(reply, limits)))
  })
  refuseOtherMethods(app, '/summary', ['GET', 'HEAD'])
}

function present({ by, edgesUs, interval, legs, zone }: NativeSummary, rows: readonly SummaryRow[]) {
  const buckets = edgesUs.slice(1).map((beforeUs, at) => ({
    from: formatRfc3339(edgesUs[at] as number),
    to: formatRfc3339(beforeUs),
    directions: {} as Record<string, ReturnType<typeof presentRow>>,
  }))
  for (const row of rows) (buckets[row.bucket] as (typeof buckets)[number]).directions[row.direction] = presentRow(row)
  return { by: by === 'startedAtUs' ? 'started_at' : 'ended_at', interval, time_zone: zone, legs, buckets }
}

function presentRow({ calls, answered, durationS, billedS, amounts }: SummaryRow) {
  return {
    calls,
    answered,
    duration: durationS,
    billed_seconds: billedS,
    amounts: amounts.map(({ currency, micros }) => ({ currency, amount: formatDecimal(micros, 6) })),
  }
}

const Sums = Type.Object({
  calls: Type.Integer(),
  answered: Type.Integer(),
  duration: Type.Integer({ description: 'Whole seconds, added up.' }),
  billed_seconds: Type.Integer(),
  amounts: Type.Array(
    Type.Object({
      currency: Type.Union([Type.String(), Type.Null()]),
      amount: Type.String({ description: 'A decimal such as 1234.50000.' }),
    }),
    { description: 'By currency; one that comes to 0 is left out.' },
  ),
})

const SUMMARY = {
  tags: ['native'],
  summary: 'Calls added up by time and direction',
  description: `Exact, and as of now. The buckets cover the time from \`from\` to \`to\` without a gap and end where the
    interval ends on a clock of the zone, so that the first and the last may be shorter and a day has 23 or 25 hours where
    the clocks change. A direction without calls is left out of its bucket. By \`started_at\` calls that have not ended are
    counted too, by \`ended_at\` they are not. At most ${MOST_BUCKETS} buckets: more are refused.`,
  querystring: Type.Object({
    by: Type.Optional(Type.String({ description: 'started_at (default) or ended_at' })),
    from: Type.String({
      description: 'A time such as 2024-01-01 or 2024-01-01T06:00:00Z; without an offset in the zone',
    }),
    to: Type.String({ description: 'A time likewise: the first that does not belong to it' }),
    interval: Type.Optional(Type.String({ description: `${INTERVALS.join(', ')}; default day` })),
    time_zone: Type.Optional(Type.String({ description: "IANA name or offset; default the account's" })),
    legs: Type.Optional(Type.String({ description: 'primary (default): each conversation once; all: B legs too' })),
  }),
  response: {
    200: Type.Object({
      by: Type.String(),
      interval: Type.String(),
      time_zone: Type.String(),
      legs: Type.String(),
      buckets: Type.Array(
        Type.Object({
          from: Type.String(),
          to: Type.String({ description: 'The first moment that does not belong to it.' }),
          directions: Type.Object(Object.fromEntries(DIRECTIONS.map((direction) => [direction, Type.Optional(Sums)]))),
        }),
      ),
    }),
  },
}
