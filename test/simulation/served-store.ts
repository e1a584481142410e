import type { AccountSettings } from '../../src/record/account.ts'
import type { CallRecord } from '../../src/record/call-record.ts'
import type { Report } from '../../src/record/report.ts'
import type { CallStore } from '../../src/store/call-store.ts'
import type { RetentionOutcome } from '../../src/store/keeping.ts'
import type { CallQuery } from '../../src/store/query.ts'
import type { SegmentSizes } from '../../src/store/sqlite/folder/segment-sizes.ts'
import { openSqliteStore, type SqliteCallStore } from '../../src/store/sqlite/sqlite-store.ts'

type Key = { accountId: string; callUuid: string }

/** What the process of a store can be asked; it answers with what the store does. */
export type StoreRequest =
  | { kind: 'open'; folder: string; sizes: SegmentSizes; settings: Record<string, AccountSettings> }
  | { kind: 'settings'; accountId: string; settings: AccountSettings }
  | { kind: 'append'; reports: readonly Report[] }
  | { kind: 'rederive'; given: { accountId: string; callUuids: readonly string[]; paths: readonly string[] } }
  | { kind: 'everyCall'; accountId: string }
  | { kind: 'everyChange'; accountId: string }
  | { kind: 'list'; query: CallQuery }
  | { kind: 'find'; keys: readonly Key[] }
  | { kind: 'rawReports'; keys: readonly Key[] }
  | { kind: 'stats' }
  | { kind: 'retain'; accountId: string; callDays: number; nowUs: number }
  | { kind: 'erase'; accountId: string; digits: string; nowUs: number }
  | { kind: 'close' }

const settingsOf = new Map<string, AccountSettings>()
let opened: SqliteCallStore | null = null

process.on('message', (message) => {
  const { no, ...request } = message as StoreRequest & { no: number }
  answer(request as StoreRequest).then(
    (given) => process.send?.({ no, answer: given }),
    (error: Error) => process.send?.({ no, error: `${error.constructor.name}: ${error.stack}` }),
  )
})

async function answer(request: StoreRequest): Promise<unknown> {
  if (request.kind === 'open') {
    for (const [accountId, settings] of Object.entries(request.settings)) settingsOf.set(accountId, settings)
    opened = await open(request)
    return
  }
  if (request.kind === 'settings') {
    settingsOf.set(request.accountId, request.settings)
    return
  }
  if (opened === null) throw new Error('the store is not open')
  return askStore(opened, request)
}

function open({ folder, sizes }: Extract<StoreRequest, { kind: 'open' }>): Promise<SqliteCallStore> {
  return openSqliteStore({
    folder,
    segmentSizes: sizes,
    readerThreads: 1,
    deriveModule: new URL('../../src/ingest/derive.ts', import.meta.url).href,
    settingsOf: (accountId) => settingsOf.get(accountId) as AccountSettings,
    onFailure(error) {
      process.stderr.write(`the store failed: ${error.stack}\n`)
      process.exit(1)
    },
  })
}

type Asked = Exclude<StoreRequest, { kind: 'open' } | { kind: 'settings' }>

async function askStore(store: SqliteCallStore, request: Asked): Promise<unknown> {
  switch (request.kind) {
    case 'append':
      return store.append(request.reports)
    case 'rederive':
      return store.rederive(request.given)
    case 'everyCall':
      return everyCall(store, request.accountId)
    case 'everyChange':
      return everyChange(store, request.accountId)
    case 'list':
      return store.list(request.query)
    case 'find':
      return Promise.all(request.keys.map((key) => store.find(key)))
    case 'rawReports':
      return Promise.all(request.keys.map(async (key) => (await store.rawReports(key)).reports))
    case 'stats':
      return store.stats()
    case 'retain':
      return retain(store, request)
    case 'erase':
      return store.keeping.erase({
        ...request,
        byKey: null,
        reason: 'it was asked for',
        now: () => request.nowUs,
        forgetQuarantined: async () => 0,
      })
    case 'close':
      opened = null
      return store.close()
  }
}

async function everyCall(store: CallStore, accountId: string): Promise<CallRecord[]> {
  const calls: CallRecord[] = []
  const order = { by: 'startedAtUs', descending: true } as const
  for await (const page of store.scan({ accountId, where: null, order })) calls.push(...page)
  return calls
}

async function everyChange(store: CallStore, accountId: string): Promise<CallRecord[]> {
  const changes: CallRecord[] = []
  for (let after = 0; ; ) {
    const page = await store.changes({ accountId, after, limit: 100 })
    if (page.calls.length === 0) return changes
    changes.push(...page.calls)
    after = page.next
  }
}

/** Every other account keeps its calls for good. */
function retain(
  { keeping }: SqliteCallStore,
  { accountId, callDays, nowUs }: { accountId: string; callDays: number; nowUs: number },
): Promise<RetentionOutcome> {
  const forGood = { callDays: null, rawDays: null, recordingDays: null }
  const accounts = [...settingsOf.keys()].map((id) => ({
    accountId: id,
    days: id === accountId ? { ...forGood, callDays } : forGood,
  }))
  return keeping.retain({ accounts, now: () => nowUs, dryRun: false, confirmed: true })
}
