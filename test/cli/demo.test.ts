import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { type Cli, CliFolder, FIRST_ACCOUNT } from '../support/cli.ts'

interface Shown {
  url: string
  account: string
  key: string
  data: string
  calls: number
  stored: number
  seconds: number
  requests: { dialect: string; curl: string }[]
}

interface Answers {
  objects: { call_uuid: string }[]
  meta: { total_count: number }
  mos: number | null
  call_uuid: string
  calls: { type?: string; agents?: number[] }[]
  total: number
  events: { event: string }[]
  items: { duration: number }[]
  expires_in: number
}

describe('calltrail demo', () => {
  const at = new CliFolder()
  after(() => at.remove())
  const start = () => at.start(['demo', '--port', '0', '--json'])
  const shown = async (cli: Cli): Promise<Shown> => JSON.parse((await cli.said(/^\{.*\}$/m))[0])
  const stop = async (cli: Cli) => {
    cli.kill('SIGINT')
    return (await cli.ended).code
  }

  it('prints requests that work as pasted, one and more for each dialect', async () => {
    const cli = start()
    const demo = await shown(cli)
    assert.ok(demo.calls >= 2000, `${demo.calls} calls`)
    assert.ok(demo.seconds < 30, `${demo.seconds} s`)
    assert.equal(demo.data, join(at.data, 'demo'))
    const answers: string[] = []
    for (const { curl } of demo.requests) {
      const { stdout } = await promisify(execFile)('/bin/sh', ['-c', curl], { cwd: at.path, maxBuffer: 2 ** 26 })
      answers.push(stdout)
    }
    const [list, call, insights, oldList, oldCall, native, told, givenUp, agents, logs, legs, token] = answers
      .slice(0, 12)
      .map((text) => JSON.parse(text) as Answers)
    assert.deepEqual(
      demo.requests.map(({ dialect }) => dialect),
      [
        ...['plivo', 'plivo', 'plivo', 'plivo-legacy', 'plivo-legacy', 'native', 'native'],
        ...['nectardesk', 'nectardesk', 'portsip', 'portsip', 'portsip', 'native'],
      ],
    )
    assert.equal(list?.objects.length, 5)
    assert.ok((list?.meta.total_count ?? 0) > 20)
    assert.match(call?.call_uuid ?? '', /^[0-9a-f-]{36}$/)
    assert.ok(Object.keys(insights ?? {}).length > 0)
    assert.equal(oldList?.objects.length, 5)
    assert.equal(oldCall?.call_uuid, call?.call_uuid)
    assert.equal(native?.calls.length, 5)
    assert.ok(told?.events.some(({ event }) => event === 'transferred'))
    assert.ok((givenUp?.calls.length ?? 0) > 0 && givenUp?.calls.every(({ type }) => type === 'abandoned_distributed'))
    assert.ok(agents?.calls.length === 5 && agents.calls.every((call) => call.agents?.includes(5)))
    assert.ok((logs?.items.length ?? 0) === 5 && logs?.items.every(({ duration }) => duration > 60))
    assert.ok((legs?.items.length ?? 0) >= 2)
    assert.equal(token?.expires_in, 1800)
    const csv = readFileSync(at.file('calls.csv'), 'utf8')
    assert.equal(csv.split('\r\n').length - 2, demo.calls)
    assert.equal(await stop(cli), 0)
  })

  it('has the same account, key and calls when it is started again', async () => {
    const first = start()
    const before = await shown(first)
    await stop(first)
    const second = start()
    const again = await shown(second)
    await stop(second)
    assert.deepEqual({ account: again.account, key: again.key }, { account: before.account, key: before.key })
    // Calls that have begun since the first start are new.
    assert.ok(again.stored < 5, `${again.stored} new calls`)
    assert.equal(statSync(join(at.data, 'demo', 'demo.json')).mode & 0o777, 0o600)
  })

  it('takes a free port where nobody asked for one and the usual one is taken, and says so', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    after(() => other.close())
    const { port } = other.address() as { port: number }
    const cli = at.start(['demo'], { env: { CALLTRAIL_LISTEN: `127.0.0.1:${port}` } })
    await cli.said(new RegExp(`Port ${port} is taken, so the demo listens on a free one`))
    const [, url] = await cli.said(/^ {2}server {3}(http:\S+)/m)
    assert.equal((await fetch(`${url}/healthz`)).status, 200)
    await cli.said(/Ctrl-C ends it/)
    assert.equal(await stop(cli), 0)

    const refused = await at.run(['demo', '--port', String(port)])
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, new RegExp(`something listens on port ${port} already`))
  })

  it('puts no made-up calls into a folder of real ones', async () => {
    const real = new CliFolder(FIRST_ACCOUNT)
    after(() => real.remove())
    await real.json(['import', '-'])
    const { code, stderr } = await real.run(['demo', '--data', real.data, '--port', '0'])
    assert.equal(code, 2)
    assert.match(stderr, /holds data that are no demo/)
  })
})
