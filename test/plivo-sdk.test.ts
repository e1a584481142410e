import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { promisify } from 'node:util'
import { ALICE } from './support/directory-in-folder.ts'
import { CALL_REPORTS, type CallName, callUuid, NOON, SHOWN_BY_DEFAULT } from './support/plivo-calls.ts'
import { PlivoServer } from './support/plivo-server.ts'
import { openTunnel, type Tunnel } from './support/plivo-tunnel.ts'
import { type SelfSigned, selfSigned } from './support/self-signed.ts'

/** What these tests use of the SDK, which is CommonJS and types its answers as `any`. */
interface Resource {
  list(params: Record<string, unknown>): Promise<Row[] & { meta: Record<string, unknown> }>
  get(id: string): Promise<Row>
}
type Row = Record<string, unknown>
type Request = (method: string, action: string, params?: object) => Promise<{ body: Row }>
interface Settings {
  proxy: string
}

const require = createRequire(import.meta.url)
const plivo: { Client: new (authId: string, authToken: string, settings: Settings) => { calls: Resource } } =
  require('plivo')
const sdk: {
  PlivoResourceInterface: new (action: string, row: unknown, idField: string, request: Request) => Resource
  Axios(settings: object): Request
  camelCaseRequestWrapper(request: Request): Request
} = {
  ...require('plivo/dist/base.js'),
  ...require('plivo/dist/rest/axios.js'),
  ...require('plivo/dist/rest/utils.js'),
}

const idsOf = (names: readonly CallName[]) => names.map((name) => callUuid(name))

let server: PlivoServer
let tunnel: Tunnel
let certificate: SelfSigned
const trusted = getCACertificates('default')

before(async () => {
  server = await PlivoServer.start({ now: NOON, store: 'sqlite' })
  await server.add(ALICE, ...CALL_REPORTS)
  certificate = selfSigned('api.plivo.com')
  setDefaultCACertificates([...trusted, certificate.cert])
  tunnel = await openTunnel(server.port, certificate)
})
after(async () => {
  setDefaultCACertificates(trusted)
  await tunnel.close()
  await server.close()
})

/** The SDK's own `client.calls`, which asks `/v1/Account/{auth_id}/Call/`: the older API. */
function clientCalls(key: string): Resource {
  return new plivo.Client(ALICE, key, { proxy: tunnel.proxyUrl }).calls
}

/** The SDK has no resource for SIP trunking: this makes one of its own parts, as it makes its others. */
function zentrunkCalls(key: string): { calls: Resource; request: Request } {
  const url = `https://api.plivo.com/v1/Account/${ALICE}`
  const request = sdk.camelCaseRequestWrapper(
    sdk.Axios({ authId: ALICE, authToken: key, url, userAgent: 'plivo-node', proxy: tunnel.proxyUrl }),
  )
  class Call {
    constructor(_request: Request, row: Row) {
      Object.assign(this, row)
    }
  }
  return { calls: new sdk.PlivoResourceInterface('Zentrunk/Call/', Call, 'callUuid', request), request }
}

/**
 * Whether an error was made by a class of the SDK, from an answer of ours. The SDK is compiled for ES5, where a subclass
 * of Error makes plain errors: `instanceof` is false of all of them, and only the stack tells which class it was.
 */
function sdkError(name: string, status: number, says: RegExp): (error: Error & Row) => boolean {
  return (error) => {
    assert.match(String(error.stack), new RegExp(`at new ${name} `))
    assert.equal(error.status, status)
    assert.match(error.message, says)
    assert.match(String(error.apiID), /^[0-9a-f-]{36}$/)
    return true
  }
}

const RESOURCES = [
  { name: 'client.calls', callsWith: clientCalls },
  { name: 'a resource for Zentrunk/Call/', callsWith: (key: string) => zentrunkCalls(key).calls },
]

for (const { name, callsWith } of RESOURCES) {
  describe(`${name} of Plivo's SDK for Node`, () => {
    it('lists, by filters of its own spelling as well', async () => {
      const calls = callsWith(server.keys.alice)
      const all = await calls.list({})
      assert.deepEqual(
        all.map((call) => call.callUuid),
        idsOf(SHOWN_BY_DEFAULT),
      )
      assert.equal(all.meta.totalCount, 6)
      const some = await calls.list({
        callDirection: 'outbound',
        fromNumber: '+1202',
        end_time__gte: '2026-09-17 00:00',
        bill_duration__gt: 60,
      })
      assert.deepEqual(
        some.map((call) => [call.callUuid, call.billDuration, call.endTime]),
        [[callUuid('toChicago'), 180, '2026-09-18 08:52:00']],
      )
    })

    it('pages through every call', async () => {
      const calls = callsWith(server.keys.alice)
      const seen: unknown[] = []
      for (let offset = 0, more: unknown = true; more; offset += 4) {
        const page = await calls.list({ limit: 4, offset })
        seen.push(...page.map((call) => call.callUuid))
        more = page.meta.next
      }
      assert.deepEqual(seen, idsOf(SHOWN_BY_DEFAULT))
    })

    it('reads one call', async () => {
      const call = await callsWith(server.keys.alice).get(callUuid('fromIndia'))
      assert.equal(call.callUuid, callUuid('fromIndia'))
      assert.equal(call.callDirection, 'inbound')
      assert.equal(call.billDuration, 60)
      assert.equal(call.endTime, '2026-09-18 08:52:26')
    })

    it("shows a wrong key, an unknown call and a bad parameter as the SDK's own errors", async () => {
      const calls = callsWith(server.keys.alice)
      const wrong = sdkError('AuthenticationError', 401, /^authentication failed: /)
      await assert.rejects(callsWith('wrong').list({}), wrong)
      await assert.rejects(callsWith(server.keys.revoked).get(callUuid('fromIndia')), wrong)
      const unknown = calls.get('00000000-0000-4000-8000-999999999999')
      await assert.rejects(unknown, sdkError('ResourceNotFoundError', 404, /^not found: /))
      await assert.rejects(calls.list({ limit: 21 }), sdkError('InvalidRequestError', 400, /^limit: /))
    })
  })
}

describe("a resource for Zentrunk/Call/ of Plivo's SDK for Node", () => {
  it('reads insights', async () => {
    const { request } = zentrunkCalls(server.keys.alice)
    const { body } = await request('GET', `Zentrunk/Call/${callUuid('fromIndia')}/Insights/`)
    assert.deepEqual(
      [body.callUuid, body.hangupSource, body.plivoQualityScore],
      [callUuid('fromIndia'), 'carrier', null],
    )
  })

  it('was led here by its proxy setting alone', () => {
    assert.ok(tunnel.asked.length > 0)
    assert.deepEqual([...new Set(tunnel.asked)], ['api.plivo.com:443'])
  })
})

describe('what the documentation tells users of the SDK', () => {
  const page = readFileSync(new URL('../docs/dialects/plivo.md', import.meta.url), 'utf8')
  const programs = [...page.matchAll(/```js\n(.*?)```/gs)].map(([, program]) => String(program))
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'calltrail-sdk-'))
    writeFileSync(join(folder, 'calltrail.pem'), certificate.cert)
  })
  after(() => rmSync(folder, { recursive: true }))

  it('is two programs', () => assert.equal(programs.length, 2))

  for (const [ordinal, program] of programs.entries()) {
    it(`prints every call as written, with the variables it names: program ${ordinal + 1}`, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=commonjs', '-e', program], {
        cwd: new URL('..', import.meta.url),
        env: {
          PLIVO_AUTH_ID: ALICE,
          PLIVO_AUTH_TOKEN: server.keys.alice,
          PLIVO_PROXY: tunnel.proxyUrl,
          NODE_EXTRA_CA_CERTS: join(folder, 'calltrail.pem'),
        },
      })
      const printed = stdout.trim().split('\n')
      assert.deepEqual(
        printed.map((line) => line.split(' ')[0]),
        idsOf(SHOWN_BY_DEFAULT),
      )
    })
  }
})
