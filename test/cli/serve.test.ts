import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { CliFolder, FIRST_ACCOUNT } from '../support/cli.ts'

/** A folder for one test. */
async function within(env: Record<string, string>, work: (at: CliFolder) => Promise<void>): Promise<void> {
  const at = new CliFolder(env)
  try {
    await work(at)
  } finally {
    await at.remove()
  }
}

describe('calltrail serve', () => {
  it('shows the first account and its key once, on standard output, and the key opens the server', () =>
    within({}, async (at) => {
      const { server, url } = await at.serve()
      const [, account] = await server.said(/^ {2}account {2}(MA[A-Z0-9]{18})$/m)
      const [, key] = await server.said(/^ {2}key {6}(ct_\S+)$/m)
      const response = await fetch(`${url}/v1/Account/${account}/Zentrunk/Call/`, {
        headers: { authorization: `Basic ${Buffer.from(`${account}:${key}`).toString('base64')}` },
      })
      assert.equal(response.status, 200)
      const first = await at.stop()
      assert.deepEqual({ code: first?.code, stderr: first?.stderr }, { code: 0, stderr: '' })

      await at.serve()
      const second = await at.stop()
      assert.equal(second?.code, 0)
      assert.doesNotMatch(second.stdout, new RegExp(`${key}|first account`))
    }))

  it('does not show a key that it was given', () =>
    within(FIRST_ACCOUNT, async (at) => {
      await at.serve()
      const { stdout } = (await at.stop()) ?? { stdout: '' }
      assert.match(stdout, /key {6}the one given in CALLTRAIL_BOOTSTRAP_KEY/)
      assert.doesNotMatch(stdout, new RegExp(FIRST_ACCOUNT.CALLTRAIL_BOOTSTRAP_KEY))
    }))

  it('answers in JSON where it was asked to', () =>
    within(FIRST_ACCOUNT, async (at) => {
      const server = at.start(['serve', '--json', '--listen', '127.0.0.1:0'], {
        env: { CALLTRAIL_LOG_LEVEL: 'silent' },
      })
      const [line] = await server.said(/^\{.*\}$/m)
      const { url, data, created } = JSON.parse(line)
      assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/)
      assert.equal(data, at.data)
      assert.equal(created.accountId, FIRST_ACCOUNT.CALLTRAIL_BOOTSTRAP_ACCOUNT)
      server.kill('SIGTERM')
      assert.equal((await server.ended).code, 0)
    }))

  it('finishes a request that it has accepted when it is stopped, and takes no other', () =>
    within(FIRST_ACCOUNT, async (at) => {
      const { server, url } = await at.serve()
      const upload = request(`${url}/calltrail/v1/calls`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${FIRST_ACCOUNT.CALLTRAIL_BOOTSTRAP_KEY}`,
          'content-type': 'application/x-ndjson',
          expect: '100-continue',
        },
      })
      const answered = once(upload, 'response')
      upload.flushHeaders()
      await once(upload, 'continue')
      server.kill('SIGTERM')
      upload.end('{"source_id":"1","started_at":"2026-01-15T14:28:48Z","ended_at":"2026-01-15T14:29:48Z"}\n')
      const [response] = (await answered) as [IncomingMessage]
      const chunks: Buffer[] = []
      for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk)
      assert.equal(JSON.parse(Buffer.concat(chunks).toString()).stored, 1)
      assert.equal((await server.ended).code, 0)
      await assert.rejects(fetch(`${url}/healthz`))
    }))

  it('says who serves a folder that is being served, and ends with 4', () =>
    within(FIRST_ACCOUNT, async (at) => {
      const { server, url } = await at.serve()
      const { code, stderr } = await at.run(['serve', '--listen', '127.0.0.1:0'])
      assert.equal(code, 4)
      assert.equal(stderr, `calltrail: ${at.data} is being served at ${url} (process ${server.child.pid})\n`)
    }))

  it('says that the port is taken, and ends with 1', () =>
    within(FIRST_ACCOUNT, async (at) => {
      const other = createServer()
      await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
      after(() => other.close())
      const { port } = other.address() as { port: number }
      const { code, stderr } = await at.run(['serve', '--listen', `127.0.0.1:${port}`])
      assert.equal(code, 1)
      assert.match(stderr, /something listens on 127\.0\.0\.1:\d+ already; CALLTRAIL_LISTEN names another/)
    }))
})

describe('control.sock', () => {
  it('is there while the folder is served, for its owner only', () =>
    within(FIRST_ACCOUNT, async (at) => {
      await at.serve()
      assert.equal(statSync(join(at.data, 'control.sock')).mode & 0o777, 0o600)
      await at.stop()
      assert.ok(!existsSync(join(at.data, 'control.sock')))
    }))

  it('of a killed server keeps nobody out, and the next server puts its own there', () =>
    within(FIRST_ACCOUNT, async (at) => {
      const { server } = await at.serve()
      server.kill('SIGKILL')
      await server.ended
      assert.ok(existsSync(join(at.data, 'control.sock')))
      assert.equal((await at.run(['account', 'list'])).code, 0)
      const { url } = await at.serve()
      const findings = await at.json<{ findings: { check: string; what: string }[] }>(['doctor'])
      assert.match(findings.findings[0]?.what ?? '', new RegExp(`^served at ${url} `))
    }))

  it('lies in the temporary folder where the path of the data folder is too long for a socket', () =>
    within(FIRST_ACCOUNT, async (at) => {
      const deep = at.file('x'.repeat(120))
      mkdirSync(deep)
      const env = { CALLTRAIL_DATA: deep, CALLTRAIL_LOG_LEVEL: 'silent' }
      const server = at.start(['serve', '--listen', '127.0.0.1:0'], { env })
      await server.said(/more keys/)
      const socket = readFileSync(join(deep, 'control.path'), 'utf8')
      assert.ok(socket.length < 104)
      assert.equal(statSync(socket).mode & 0o777, 0o600)
      const { stdout } = await at.run(['account', 'list', '--data', deep])
      assert.match(stdout, /^MA2025RK4E639VJFZAGV {2}Main/m)
      server.kill('SIGTERM')
      assert.equal((await server.ended).code, 0)
      assert.ok(!existsSync(socket))
    }))

  it('brings the end of a server to a command that it was running', () =>
    within(FIRST_ACCOUNT, async (at) => {
      const { server } = await at.serve()
      const client = at.start(['import', '-'], { keepInput: true, input: '{"started_at":"never"}\n' })
      await client.said(/source import was made/)
      server.kill('SIGKILL')
      const { code, stderr } = await client.ended
      assert.equal(code, 1)
      assert.match(stderr, /the server ended before the command did/)
    }))

  it('takes Ctrl-C to a command that waits for its input', () =>
    within(FIRST_ACCOUNT, async (at) => {
      await at.serve()
      const client = at.start(['import', '-'], { keepInput: true })
      await client.said(/source import was made/)
      client.kill('SIGINT')
      assert.equal((await client.ended).code, 130)
      assert.equal((await at.run(['account', 'list'])).code, 0)
    }))
})
