import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { after, describe, it } from 'node:test'
import type { Command } from 'commander'
import { runCommandLine } from '../../src/cli/command-line.ts'
import { addCommands } from '../../src/cli/commands.ts'
import { EXIT } from '../../src/cli/exit.ts'
import { LocalHost } from '../../src/cli/local-host.ts'
import { Terminal } from '../../src/cli/terminal.ts'
import { Cli, CliFolder } from '../support/cli.ts'

const at = new CliFolder()
after(() => at.remove())

const COMMANDS = [
  'serve',
  'demo',
  'import',
  'export',
  'account list',
  'account create',
  'account show',
  'account set',
  'key list',
  'key create',
  'key revoke',
  'source list',
  'source put',
  'source delete',
  'quarantine list',
  'quarantine show',
  'quarantine replay',
  'quarantine drop',
  'reclassify',
  'doctor',
]

describe('calltrail', () => {
  it('shows every command in its help', async () => {
    const { code, stdout } = await at.run(['--help'])
    assert.equal(code, 0)
    for (const command of [...COMMANDS, 'bench'])
      assert.match(stdout, new RegExp(`^ {2}${command.split(' ')[0]}\\b`, 'm'), command)
    assert.match(stdout, /Exit codes: 0 done/)
  })

  it('prints its version', async () => {
    const { code, stdout } = await at.run(['--version'])
    assert.equal(code, 0)
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/)
  })

  for (const { args, because } of [
    { args: [], because: 'a command is missing' },
    { args: ['frobnicate'], because: 'there is no such command' },
    { args: ['import'], because: 'a file is missing' },
    { args: ['import', 'nowhere.ndjson'], because: 'there is no such file' },
    { args: ['import', '--frobnicate', 'x'], because: 'there is no such option' },
    { args: ['import', '--format', 'xml', 'x'], because: 'there is no such format' },
    { args: ['demo', '--port', '65536'], because: 'there is no such port' },
    { args: ['account', 'list'], because: 'there is no data folder, and this command makes none' },
    { args: ['doctor'], because: 'there is no data folder' },
    { args: ['export', 'direction'], because: 'a filter is NAME=VALUE' },
    { args: ['export', '--json', '--format', 'csv'], because: 'CSV is no JSON' },
    { args: ['reclassify'], because: 'there is no data folder, and this command makes none' },
    { args: ['key', 'create', '--name', 'x'], because: 'a scope is missing' },
  ])
    it(`ends with 2 for ${['calltrail', ...args].join(' ')}: ${because}`, async () => {
      const { code, stdout, stderr } = await at.run(args)
      assert.equal(code, 2)
      assert.equal(stdout, '')
      assert.notEqual(stderr, '')
      assert.ok(!existsSync(at.data))
    })

  it('ends with 2 for settings that cannot be used, and names each of them', async () => {
    const { code, stderr } = await at.run(['account', 'list'], {
      env: { CALLTRAIL_LISTEN: 'nowhere', CALLTRAIL_PAGE_READERS: 'many' },
    })
    assert.equal(code, 2)
    assert.match(stderr, /CALLTRAIL_LISTEN=nowhere/)
    assert.match(stderr, /CALLTRAIL_PAGE_READERS=many/)
  })

  it('has the bench’s own help', async () => {
    const { code, stdout } = await at.run(['bench', '--help'])
    assert.equal(code, 0)
    assert.match(stdout, /--calls N/)
  })

  it('has every command in docs/cli.md, and every exit code', () => {
    const page = readFileSync(resolve(import.meta.dirname, '../../docs/cli.md'), 'utf8')
    for (const command of [...COMMANDS, 'bench']) {
      const [name, verb = ''] = command.split(' ')
      assert.match(page, new RegExp(`^\\| \`${name}\\b.*${verb}`, 'm'), command)
    }
    for (const code of Object.values(EXIT)) assert.match(page, new RegExp(`^\\| ${code} \\|`, 'm'), String(code))
  })

  it('says what it needs where Node is too old', async () => {
    const old = `data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '20.1.0' })`
    const { code, stderr } = await new Cli(['account', 'list'], { node: ['--import', old] }).ended
    assert.equal(code, 2)
    assert.match(stderr, /this is Node 20\.1\.0, and Calltrail needs Node 24 or newer/)
    assert.match(stderr, /npm ci/)
  })

  for (const command of COMMANDS)
    it(`has help for ${command}`, async () => {
      const { code, out } = await helpOf(command)
      assert.equal(code, 0)
      assert.match(out, new RegExp(`^Usage: calltrail ${command}`))
      assert.match(out, /--data <dir>/)
      assert.match(out, /--json/)
    })
})

/** In this process: the binary has shown by now that it shows help. */
async function helpOf(command: string): Promise<{ code: number; out: string }> {
  const argv = [...command.split(' '), '--help']
  const terminal = new Terminal()
  const host = new LocalHost({ terminal, argv, environment: {} })
  let out = ''
  terminal.divert({
    async write(text) {
      out += text
    },
    async finish() {},
  })
  const add = (program: Command) => addCommands(program, { host, terminal })
  const code = await runCommandLine(argv, { console: terminal, add, exitCode: () => host.exitCode })
  return { code, out }
}
