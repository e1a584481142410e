import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { keepPassword } from '../store/source-secret.ts'
import { DigestNonces, readDigest } from './digest.ts'

const START_US = 1_735_823_400_000_000
const nonceOf = (nonces: DigestNonces) =>
  /nonce="([^"]+)"/.exec(nonces.challenges({ stale: false })[0] ?? '')?.[1] ?? ''

describe('a nonce', () => {
  it('is good for five minutes and not a second more', () => {
    let nowUs = START_US
    const nonces = new DigestNonces({ now: () => nowUs })
    const nonce = nonceOf(nonces)
    nowUs = START_US + 300_000_000
    assert.equal(nonces.take(nonce, 1), true)
    nowUs = START_US + 301_000_000
    assert.equal(nonces.take(nonce, 2), false)
  })

  it('takes each count once, in any order, and none after ten thousand', () => {
    const nonces = new DigestNonces({ now: () => START_US })
    const nonce = nonceOf(nonces)
    assert.deepEqual(
      [2, 1, 2, 1, 0].map((count) => nonces.take(nonce, count)),
      [true, true, false, false, false],
    )
    for (let count = 3; count <= 10_000; count++) assert.equal(nonces.take(nonce, count), true)
    assert.equal(nonces.take(nonce, 10_001), false)
    assert.equal(nonces.take(nonceOf(nonces), 1), true)
  })

  it('is of the server that made it', () => {
    const now = () => START_US
    const nonce = nonceOf(new DigestNonces({ now }))
    assert.equal(new DigestNonces({ now }).take(nonce, 1), false)
  })

  it('cannot be made to look younger', () => {
    let nowUs = START_US
    const nonces = new DigestNonces({ now: () => nowUs })
    const old = nonceOf(nonces)
    nowUs += 600_000_000
    const younger = nonceOf(nonces)
    const forged = [younger.split('.')[0], ...old.split('.').slice(1)].join('.')
    assert.deepEqual([nonces.take(forged, 1), nonces.take(younger, 1)], [false, true])
  })
})

describe('an answer to a Digest challenge', () => {
  // RFC 7616, section 3.9.1, has this request; its realm is another, and so its responses are.
  const parameters = {
    username: '"Mufasa"',
    realm: '"Calltrail"',
    uri: '"/dir/index.html"',
    algorithm: 'MD5',
    nonce: '"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"',
    nc: '00000001',
    cnonce: '"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"',
    qop: 'auth',
    response: '"00000000000000000000000000000000"',
    opaque: '"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
  }
  const request = { method: 'GET', url: '/dir/index.html' }
  const header = (over: Partial<Record<keyof typeof parameters, string | null>> = {}) =>
    `Digest ${Object.entries({ ...parameters, ...over })
      .filter(([, value]) => value !== null)
      .map(([name, value]) => `${name}=${value}`)
      .join(', ')}`

  it('is read with or without quotation marks, and its algorithm is MD5 where it does not say', () => {
    const read = readDigest(header({ algorithm: null, nc: '"0000001f"', qop: '"auth"' }), request)
    assert.equal(read?.credential.algorithm, 'MD5')
    assert.deepEqual([read?.credential.user, read?.count], ['Mufasa', 31])
    assert.equal(read?.credential.verify(keepPassword('Mufasa', 'Circle of Life').ha1.MD5), false)
  })

  for (const name of ['username', 'realm', 'nonce', 'uri', 'response', 'cnonce', 'qop', 'nc'] as const)
    it(`is none without ${name}`, () => assert.equal(readDigest(header({ [name]: null }), request), null))

  it('is for one URL; a proxy may write the whole of it', () => {
    assert.equal(readDigest(header(), { ...request, url: '/dir/other.html' }), null)
    const whole = header({ uri: '"http://www.example.org/dir/index.html"' })
    assert.ok(readDigest(whole, request) !== null)
  })

  it('is none for anything else in the header', () => {
    for (const other of [
      '',
      'Digest',
      'Digest ,,,',
      'Basic eDp5',
      `Digest ${'a="'.repeat(1000)}`,
      `Digest ${'x'.repeat(5000)}`,
    ])
      assert.equal(readDigest(other, request), null)
  })
})
