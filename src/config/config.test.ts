import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { ConfigError, environmentName, readConfig } from './config.ts'
import { configurationPage } from './configuration-page.ts'

describe('readConfig', () => {
  it('needs nothing: every setting has a default', () => {
    const config = readConfig({})
    assert.equal(config.listen, '127.0.0.1:8080')
    assert.equal(config.plivoHorizonDays, 90)
    assert.equal(config.tlsCert, null)
  })

  it('reads numbers, lists and none', () => {
    const config = readConfig({
      CALLTRAIL_PLIVO_PAGE_ROWS: '50',
      CALLTRAIL_TRUSTED_PROXIES: '10.0.0.0/8, ::1',
      CALLTRAIL_PLIVO_HORIZON_DAYS: 'none',
      PATH: '/bin',
    })
    assert.equal(config.plivoPageRows, 50)
    assert.deepEqual(config.trustedProxies, ['10.0.0.0/8', '::1'])
    assert.equal(config.plivoHorizonDays, null)
  })

  it('keeps a key of digits as text', () => {
    assert.equal(readConfig({ CALLTRAIL_BOOTSTRAP_KEY: '12345678901234567890' }).bootstrapKey, '12345678901234567890')
  })

  it('names every wrong and unknown setting at once', () => {
    const wrong = {
      CALLTRAIL_LISTEN: 'nowhere',
      CALLTRAIL_PAGE_READERS: '0',
      CALLTRAIL_LISTN: 'x',
      CALLTRAIL_TLS_KEY: 'k',
    }
    assert.throws(
      () => readConfig(wrong),
      (error: Error) => {
        assert.ok(error instanceof ConfigError)
        for (const name of Object.keys(wrong)) assert.match(error.message, new RegExp(name))
        return true
      },
    )
  })

  it('refuses a bootstrap key of 19 characters', () => {
    assert.throws(() => readConfig({ CALLTRAIL_BOOTSTRAP_KEY: 'x'.repeat(19) }), /CALLTRAIL_BOOTSTRAP_KEY/)
  })
})

describe('environmentName', () => {
  for (const [setting, name] of [
    ['data', 'CALLTRAIL_DATA'],
    ['plivoPageRows', 'CALLTRAIL_PLIVO_PAGE_ROWS'],
    ['bodyLimitMib', 'CALLTRAIL_BODY_LIMIT_MIB'],
    ['plivoRequestsPer5S', 'CALLTRAIL_PLIVO_REQUESTS_PER_5S'],
  ] as const)
    it(`${setting} is ${name}`, () => assert.equal(environmentName(setting), name))
})

describe('docs/configuration.md', () => {
  it('is what the schema says; `npm run docs` writes it', () => {
    const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')
    assert.equal(page, configurationPage())
  })
})
