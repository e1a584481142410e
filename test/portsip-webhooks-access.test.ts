import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { hash } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { aCdr, BASIC, PASSWORD, PortsipPbx, USER } from './support/portsip-pbx.ts'

const CDR = JSON.stringify(
  aCdr({ answered: 5, ended: 65, targets: [{ callee: '105', at: 0, answered: 5, ended: 65 }] }),
)
const PATH = '/calltrail/v1/sources/pbx'

/** `WWW-Authenticate` of an answer, one challenge an entry, Digest's parameters by name. */
function challengesOf(headers: Headers): { scheme: string; values: Record<string, string> }[] {
  return (headers.get('www-authenticate') ?? '').split(/, (?=(?:Digest|Basic|Bearer) )/).map((challenge) => ({
    scheme: challenge.split(' ', 1)[0] ?? '',
    values: Object.fromEntries(
      [...challenge.matchAll(/([a-z]+)=(?:"([^"]*)"|([^\s,]+))/gi)].map(([, name, text, word]) => [name, text ?? word]),
    ),
  }))
}

interface DigestGiven {
  nonce: string
  algorithm?: string
  count?: number
  user?: string
  password?: string
  uri?: string
  method?: string
  realm?: string
  qop?: string
}

/** An `Authorization` made by the book (RFC 7616, section 3.4.1), with mistakes where a test wants them. */
function digest(given: DigestGiven): string {
  const { nonce, algorithm = 'SHA-256', count = 1, user = USER, password = PASSWORD } = given
  const { uri = PATH, method = 'POST', realm = 'Calltrail', qop = 'auth' } = given
  const h = (text: string) => hash(algorithm === 'MD5' ? 'md5' : 'sha256', text, 'hex')
  const nc = count.toString(16).padStart(8, '0')
  const response = h(`${h(`${user}:${realm}:${password}`)}:${nonce}:${nc}:0a4f113b:${qop}:${h(`${method}:${uri}`)}`)
  return (
    `Digest username="${user}", realm="${realm}", nonce="${nonce}", uri="${uri}", algorithm=${algorithm}, ` +
    `qop=${qop}, nc=${nc}, cnonce="0a4f113b", response="${response}"`
  )
}

describe('who may send to a webhook', () => {
  let pbx: PortsipPbx
  before(async () => {
    pbx = await PortsipPbx.start({ failedSignInsPerMinute: null })
  })
  after(() => pbx.stop())
  const send = (authorization: string) => pbx.post(CDR, { headers: { authorization } })
  const nonce = async () => challengesOf((await send('Basic Og==')).headers)[0]?.values.nonce as string

  it('is who has the password of the source, by Basic', async () => {
    assert.equal((await send(BASIC)).status, 200)
    for (const wrong of ['pbx:wrong horse', 'other:correct horse', 'pbx', ':'])
      assert.equal((await send(`Basic ${Buffer.from(wrong).toString('base64')}`)).status, 401, wrong)
  })

  it('is not who has a key of the account: a source has its own', async () => {
    assert.equal((await send('Bearer ct_first_key_of_the_tests')).status, 401)
  })

  it('is asked for each scheme of the source, and is not told which part was wrong', async () => {
    const nothing = await fetch(`${pbx.server.url}${PATH}`, { method: 'POST', body: CDR })
    assert.equal(nothing.status, 401)
    const asked = challengesOf(nothing.headers)
    assert.deepEqual(
      asked.map(({ scheme, values }) => [scheme, values.realm, values.algorithm, values.qop]),
      [
        ['Digest', 'Calltrail', 'SHA-256', 'auth'],
        ['Digest', 'Calltrail', 'MD5', 'auth'],
        ['Basic', 'Calltrail', undefined, undefined],
      ],
    )
    const [user, password] = [await send('Basic eDpjb3JyZWN0IGhvcnNl'), await send('Basic cGJ4Ong=')]
    assert.deepEqual(user.body, password.body)
    await pbx.put('tokens', { access: { token: 'a-token-of-a-webhook' } })
    const refused = await pbx.post(CDR, { source: 'tokens', headers: { authorization: 'Bearer wrong' } })
    assert.deepEqual([refused.status, refused.headers.get('www-authenticate')], [401, 'Bearer realm="Calltrail"'])
  })

  it('is who has the token of the source, by Bearer', async () => {
    const headers = { authorization: 'Bearer a-token-of-a-webhook' }
    await pbx.put('tokens', { access: { token: 'a-token-of-a-webhook' } })
    assert.equal((await pbx.post(CDR, { source: 'tokens', headers })).status, 200)
    assert.equal((await pbx.post(CDR, { headers })).status, 401)
  })

  it('is nobody at all where the source says nobody', async () => {
    await pbx.put('closed', { access: {} })
    for (const authorization of [BASIC, 'Basic Og==', 'Bearer x'])
      assert.equal((await pbx.post(CDR, { source: 'closed', headers: { authorization } })).status, 401)
  })

  it('is who comes from an address of the source, without anything', async () => {
    await pbx.put('near', { access: { addresses: ['127.0.0.0/8', '::1'] } })
    await pbx.put('far', { access: { addresses: ['192.0.2.0/24'] } })
    const post = (source: string) =>
      fetch(`${pbx.server.url}/calltrail/v1/sources/${source}`, { method: 'POST', body: CDR })
    assert.deepEqual([(await post('near')).status, (await post('far')).status], [200, 401])
  })

  for (const algorithm of ['MD5', 'SHA-256'])
    it(`is who answers a Digest in ${algorithm}, once for each count`, async () => {
      const given = { nonce: await nonce(), algorithm }
      assert.equal((await send(digest(given))).status, 200)
      const again = await send(digest(given))
      assert.deepEqual([again.status, challengesOf(again.headers)[0]?.values.stale], [401, 'true'])
      assert.equal((await send(digest({ ...given, count: 3 }))).status, 200)
      assert.equal((await send(digest({ ...given, count: 2 }))).status, 200)
      assert.equal((await send(digest({ ...given, count: 2 }))).status, 401)
    })

  const mistakes: [what: string, given: Partial<DigestGiven>][] = [
    ['another password', { password: 'wrong horse' }],
    ['another user', { user: 'other' }],
    ['another path', { uri: '/calltrail/v1/sources/other' }],
    ['another method', { method: 'GET' }],
    ['another realm', { realm: 'elsewhere' }],
    ['another algorithm', { algorithm: 'SHA-512-256' }],
    ['another protection', { qop: 'auth-int' }],
    ['a count of nothing', { count: 0 }],
  ]
  for (const [what, given] of mistakes)
    it(`is not who answers a Digest for ${what}`, async () => {
      assert.equal((await send(digest({ nonce: await nonce(), ...given }))).status, 401)
    })

  it('is asked again, and told that the nonce is stale, for one that is not ours and one with a byte changed', async () => {
    const ours = await nonce()
    const other = `${ours.slice(0, -1)}${ours.endsWith('A') ? 'B' : 'A'}`
    for (const given of ['dcd98b7102dd2f0e8b11d0f600bfb0c093', other, '']) {
      const { status, headers } = await send(digest({ nonce: given }))
      assert.deepEqual([status, challengesOf(headers)[0]?.values.stale], [401, 'true'], given)
    }
    const wrong = await send(digest({ nonce: other, password: 'wrong horse' }))
    assert.equal(challengesOf(wrong.headers)[0]?.values.stale, undefined)
  })

  for (const scheme of ['--digest', '--basic', '--anyauth'])
    it(`curl ${scheme} gets in with the password, and not with another`, async () => {
      const curl = async (password: string) => {
        const args = ['-s', scheme, '-u', `${USER}:${password}`, '-d', CDR, '-o', '/dev/null', '-w', '%{http_code}']
        return (await promisify(execFile)('curl', [...args, `${pbx.server.url}${PATH}`], { timeout: 10_000 })).stdout
      }
      assert.deepEqual([await curl(PASSWORD), await curl('wrong horse')], ['200', '401'])
    })
})

describe('an address that keeps failing at a webhook', () => {
  let pbx: PortsipPbx
  before(async () => {
    pbx = await PortsipPbx.start({ failedSignInsPerMinute: 3, trustedProxies: ['127.0.0.1'] })
  })
  after(() => pbx.stop())
  const send = (authorization: string | null, address: string, source = 'pbx') => {
    const headers = { 'x-forwarded-for': address, ...(authorization === null ? {} : { authorization }) }
    return fetch(`${pbx.server.url}/calltrail/v1/sources/${source}`, { method: 'POST', headers, body: CDR })
  }

  it('is kept out for a while, and no other', async () => {
    for (let failed = 0; failed < 3; failed++) assert.equal((await send('Basic Og==', '192.0.2.66')).status, 401)
    const kept = await send(BASIC, '192.0.2.66')
    assert.equal(kept.status, 429)
    assert.ok(Number(kept.headers.get('retry-after')) > 0)
    assert.equal((await send(BASIC, '192.0.2.67')).status, 200)
  })

  it('does not fail by asking first without a credential, as Digest does, nor by a stale nonce', async () => {
    for (let asked = 0; asked < 10; asked++) {
      assert.equal((await send(null, '192.0.2.68')).status, 401)
      assert.equal((await send(digest({ nonce: 'old' }), '192.0.2.68')).status, 401)
    }
    assert.equal((await send(BASIC, '192.0.2.68')).status, 200)
  })

  it('is the one that a trusted proxy names, for the addresses that a source lets in too', async () => {
    await pbx.put('near', { access: { addresses: ['192.0.2.7'] } })
    assert.deepEqual(
      [(await send(null, '192.0.2.7', 'near')).status, (await send(null, '192.0.2.8', 'near')).status],
      [200, 401],
    )
  })
})
