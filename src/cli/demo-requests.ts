import type { CallRecord } from '../record/call-record.ts'
import { formatDateTime, formatRfc3339 } from '../record/time.ts'
import type { CallStore } from '../store/call-store.ts'
import type { DemoIdentity } from './demo-identity.ts'

const DAY_US = 86_400_000_000

/** A request to try, ready to be pasted into a shell. */
export interface DemoRequest {
  dialect: string
  what: string
  curl: string
}

/** One request for each thing that a dialect answers; the call that they ask for has quality figures. */
export async function demoRequests(given: {
  calls: CallStore
  identity: DemoIdentity
  url: string
  nowUs: number
}): Promise<DemoRequest[]> {
  const { calls, identity, url, nowUs } = given
  const { account, key } = identity
  const uuid = (await measuredCall(calls, account)).callUuid
  const week = encodeURIComponent(formatDateTime(nowUs - 7 * DAY_US, 'UTC').slice(0, 16))
  const since = formatRfc3339(nowUs - 7 * DAY_US).slice(0, 19)
  const basic = (path: string) => `curl -s -u '${account}:${key}' '${url}/v1/Account/${account}${path}'`
  const bearer = (path: string) => `curl -s -H 'Authorization: Bearer ${key}' '${url}/calltrail/v1${path}'`
  return [
    {
      dialect: 'plivo',
      what: 'the calls of the last week that lasted a minute or longer',
      curl: basic(`/Zentrunk/Call/?end_time__gte=${week}&bill_duration__gte=60&limit=5`),
    },
    { dialect: 'plivo', what: 'one call', curl: basic(`/Zentrunk/Call/${uuid}/`) },
    { dialect: 'plivo', what: 'how it sounded', curl: basic(`/Zentrunk/Call/${uuid}/Insights/`) },
    {
      dialect: 'plivo-legacy',
      what: 'the inbound calls of the last week',
      curl: basic(`/Call/?end_time__gte=${week}&call_direction=inbound&limit=5`),
    },
    { dialect: 'plivo-legacy', what: 'one call', curl: basic(`/Call/${uuid}/`) },
    {
      dialect: 'native',
      what: 'calls of the last week that nobody answered, and how many there are',
      curl: bearer(`/calls?started_at__gte=${since}Z&answered_at=null&limit=5`),
    },
    {
      dialect: 'native',
      what: 'every call as a spreadsheet',
      curl: `${bearer('/calls/export?format=csv&legs=all')} -o calls.csv`,
    },
  ]
}

/** The last call that was answered and measured, and left by a trunk, so that every dialect shows it. */
async function measuredCall(calls: CallStore, accountId: string): Promise<CallRecord> {
  const page = await calls.list({
    accountId,
    where: {
      op: 'and',
      of: [
        { op: 'eq', field: 'primary', value: true },
        { op: 'eq', field: 'onTrunk', value: true },
        { op: 'eq', field: 'state', value: 'ended' },
        { op: 'ne', field: 'answeredAtUs', value: null },
        { op: 'gt', field: 'quality.mos', value: 0 },
      ],
    },
    order: { by: 'endedAtUs', descending: true },
    limit: 1,
    total: false,
  })
  const [call] = page.calls
  if (call === undefined) throw new Error('the demo has no call with quality figures')
  return call
}
