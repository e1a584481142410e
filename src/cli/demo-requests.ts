import type { CallRecord } from '../record/call-record.ts'
import { formatDateTime, formatRfc3339 } from '../record/time.ts'
import type { CallStore } from '../store/call-store.ts'
import type { Expr } from '../store/query.ts'
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
  const portsip = (path: string) => `curl -s -H 'Authorization: Bearer ${key}' '${url}/api${path}'`
  const nectardesk = (query: string) => `curl -s -H 'Access-Token: ${key}' '${url}/api/v1/calls/?${query}'`
  const handedOver = await lastCall(calls, account, { op: 'member', field: 'callTypes', value: 'warm_transfer' })
  const pbxCall = await lastCall(calls, account, { op: 'eq', field: 'source', value: 'demo-pbx' })
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
      what: 'one conversation told: an agent asks a colleague and hands the caller over',
      curl: bearer(`/sessions/${encodeURIComponent(handedOver.sessionId as string)}`),
    },
    {
      dialect: 'nectardesk',
      what: 'callers of the last week who gave up while an agent was rung',
      curl: nectardesk(`dateFrom=${since.slice(0, 10)}&callType=abandoned_distributed&limit=5`),
    },
    {
      dialect: 'nectardesk',
      what: 'the calls of agent 5 with people of contact list 1',
      curl: nectardesk('agentId=5&listId=1&limit=5'),
    },
    {
      dialect: 'portsip',
      what: 'inbound calls longer than a minute, the longest first',
      curl: portsip(
        `/calllogs?filter=${encoded("direction eq 'INBOUND_CALL' and duration gt 60")}&orderby=${encoded('duration desc')}&top=5`,
      ),
    },
    {
      dialect: 'portsip',
      what: 'the legs of one call of the PBX',
      curl: portsip(`/cdrs/${encodeURIComponent(pbxCall.sessionId as string)}`),
    },
    {
      dialect: 'portsip',
      what: 'a token for half an hour',
      curl: `curl -s -d grant_type=password -d username=${account} -d password=${key} '${url}/api/login/oauth/token'`,
    },
    {
      dialect: 'native',
      what: 'every call as a spreadsheet',
      curl: `${bearer('/calls/export?format=csv&legs=all')} -o calls.csv`,
    },
  ]
}

/** For a query in a URL that stands in single quotes. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll("'", '%27')
}

/** The last call that was answered and measured, and left by a trunk, so that every dialect shows it. */
function measuredCall(calls: CallStore, accountId: string): Promise<CallRecord> {
  return lastCall(
    calls,
    accountId,
    { op: 'eq', field: 'onTrunk', value: true },
    { op: 'ne', field: 'answeredAtUs', value: null },
    { op: 'gt', field: 'quality.mos', value: 0 },
  )
}

/** The ended call of this kind that ended last. */
async function lastCall(calls: CallStore, accountId: string, ...kind: Expr[]): Promise<CallRecord> {
  const ended: Expr[] = [
    { op: 'eq', field: 'primary', value: true },
    { op: 'eq', field: 'state', value: 'ended' },
  ]
  const page = await calls.list({
    accountId,
    where: { op: 'and', of: [...ended, ...kind] },
    order: { by: 'endedAtUs', descending: true },
    limit: 1,
    total: false,
  })
  const [call] = page.calls
  if (call === undefined) throw new Error(`the demo has no call of the kind ${JSON.stringify(kind)}`)
  return call
}
