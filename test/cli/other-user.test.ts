import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { Cli, CliFolder, FIRST_ACCOUNT } from '../support/cli.ts'
import { ndjsonCalls } from '../support/ndjson-calls.ts'

/** Two users that every Unix has: whose the folder is, and another. */
const OWNER = 1
const OTHER = 65_534
const nameOf = (uid: number) => spawnSync('id', ['-nu', String(uid)], { encoding: 'utf8' }).stdout.trim()
const [owner, other] = [nameOf(OWNER), nameOf(OTHER)]

const skip = process.getuid?.() === 0 ? false : 'only root can run a command as another user'
if (skip !== false) console.log(`skipped: ${skip}`)

interface Examined {
  problems: number
  warnings: number
  findings: { check: string; level: string; what: string; todo: string | null }[]
}

describe('a folder of another user', { skip }, () => {
  const at = new CliFolder(FIRST_ACCOUNT)
  const backups = at.file('backups')
  before(async () => {
    chownSync(at.path, OWNER, OWNER)
    chmodSync(at.path, 0o755)
    await at.json(['import', '-'], { input: ndjsonCalls(20).join('\n'), as: OWNER })
    await at.json(['backup', backups], { as: OWNER })
  })
  afterEach(() => {
    chmodSync(at.data, 0o750)
    chmodSync(at.path, 0o755)
    return at.stop()
  })
  after(() => at.remove())

  const asOther = (...args: string[]) => at.run(args, { as: OTHER, cwd: '/' })
  const closed = new RegExp(`the user ${other} may not enter ${at.data}, .* the user ${owner}\\b`)

  for (const args of [['account', 'list'], ['export'], ['backup', '/tmp/nowhere'], ['import', '-']])
    it(`is not taken for none where ${args[0]} may not enter it`, async () => {
      const { code, stdout, stderr } = await asOther(...args)
      assert.equal(code, 1)
      assert.equal(stdout, '')
      assert.match(stderr, closed)
      assert.doesNotMatch(stderr, /there are no data/)
    })

  it('says which folder above it may not be entered', async () => {
    chmodSync(at.path, 0o700)
    const { code, stderr } = await asOther('account', 'list')
    assert.equal(code, 1)
    assert.match(stderr, new RegExp(`the user ${other} may not enter ${at.path}, `))
  })

  it('is a problem for a doctor who may not look into it, and nothing is said of what is in it', async () => {
    const { code, stdout } = await asOther('doctor', '--json')
    assert.equal(code, 1)
    const { problems, findings } = JSON.parse(stdout) as Examined
    assert.equal(problems, 1)
    assert.deepEqual(
      findings.map(({ check, level }) => [check, level]),
      [['access', 'problem']],
    )
    assert.match(findings[0]?.what ?? '', closed)
  })

  it('is a problem for a doctor who may enter it and read nothing in it, whom no backup helps', async () => {
    chmodSync(at.data, 0o755)
    const { code, stdout } = await asOther('doctor')
    assert.equal(code, 1)
    assert.match(stdout, new RegExp(`^PROBLEM +access +the user ${other} may not read raw, segments$`, 'm'))
    assert.doesNotMatch(stdout, /restore a backup|EACCES/)
  })

  for (const args of [['restore'], ['verify']])
    it(`is told from no backup where ${args[0]} may not read one`, async () => {
      const into = at.file('never')
      const options = args[0] === 'restore' ? ['--into', into] : []
      for (const [path, mode] of [
        [backups, 0o700],
        [at.path, 0o700],
        [join(backups, readdirSync(backups)[0] as string), 0o700],
      ] as const) {
        chmodSync(path, mode)
        const { code, stderr } = await asOther(...args, backups, ...options)
        chmodSync(path, 0o755)
        assert.equal(code, 1)
        assert.match(stderr, new RegExp(`the user ${other} may not (enter|read) ${path}`), path)
        assert.doesNotMatch(stderr, /is not a backup|EACCES/)
      }
      assert.ok(!existsSync(into))
    })

  it('says that a server seems to serve what may be entered and not be written', async () => {
    const served = at.start(['serve', '--listen', '127.0.0.1:0'], { as: OWNER })
    await served.said(/more keys/)
    chmodSync(at.data, 0o755)
    const { code, stderr } = await asOther('account', 'list')
    served.kill('SIGTERM')
    await served.ended
    assert.equal(code, 1)
    assert.match(stderr, /cannot be written: the user \S+ may not write to it; .*control\.sock.*run the command as/)
  })

  it('asks the server of a folder that its own user may not write', async () => {
    const served = at.start(['serve', '--listen', '127.0.0.1:0'], { as: OWNER })
    await served.said(/more keys/)
    chmodSync(at.data, 0o550)
    const { code, stdout } = await at.run(['account', 'list'], { as: OWNER })
    chmodSync(at.data, 0o750)
    served.kill('SIGTERM')
    await served.ended
    assert.equal(code, 0)
    assert.match(stdout, /^MA/m)
  })

  describe('for root', () => {
    const warned = new RegExp(`^warning: .*${at.data}.* user ${owner},.*`, 'gm')

    it('is warned of before a command makes files in it, in one line that says what to do', async () => {
      const { code, stderr } = await at.run(['account', 'list'])
      assert.equal(code, 0)
      const [line = '', ...more] = stderr.match(warned) ?? []
      assert.deepEqual(more, [])
      assert.match(line, new RegExp(`sudo -u ${owner} `))
      assert.ok(stderr.startsWith('warning'), stderr)
    })

    for (const args of [['serve', '--listen', '127.0.0.1:0']])
      it(`is warned of by ${args[0]}`, async () => {
        const server = at.start(args)
        await server.said(/more keys/)
        server.kill('SIGTERM')
        const { stderr } = await server.ended
        assert.equal(stderr.match(warned)?.length, 1)
        // What root left would keep its user out of the tests that follow.
        for (const name of ['', ...(readdirSync(at.data, { recursive: true }) as string[])])
          chownSync(join(at.data, name), OWNER, OWNER)
      })

    it('is warned of by restore, where it exists before or is made for a file', async () => {
      const into = at.file('theirs')
      mkdirSync(into)
      chownSync(into, OWNER, OWNER)
      assert.equal((await at.run(['restore', backups, '--into', into])).stderr.match(/^warning: /gm)?.length, 1)
      const file = await at.run(['restore', backups, '--file', 'live.db', '--into', into])
      assert.equal(file.stderr.match(/^warning: /gm)?.length, 1)
    })

    it('is no matter while its server does the work', async () => {
      const server = at.start(['serve', '--listen', '127.0.0.1:0'], { as: OWNER })
      await server.said(/more keys/)
      const { code, stderr } = await at.run(['account', 'list'])
      server.kill('SIGTERM')
      await server.ended
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    })

    it('is no matter where it is root’s own', async () => {
      const own = new Cli(['account', 'create', 'Own', '--data', at.file('own')])
      assert.doesNotMatch((await own.ended).stderr, /warning/)
    })
  })
})

describe('files that their owner may not write', { skip }, () => {
  const at = new CliFolder(FIRST_ACCOUNT)
  const segment = join(at.data, 'segments', '000001.db')
  before(async () => {
    chownSync(at.path, OWNER, OWNER)
    await at.json(['import', '-'], { input: ndjsonCalls(20).join('\n'), as: OWNER })
  })
  afterEach(() => {
    chmodSync(segment, 0o640)
    chmodSync(at.data, 0o750)
  })
  after(() => at.remove())

  const examined = () => at.json<Examined>(['doctor'], { as: OWNER, code: 1 })

  it('are a problem to the doctor, which names them and says what to do', async () => {
    chmodSync(segment, 0o440)
    const { findings } = await examined()
    const found = findings.find(({ check, level }) => check === 'modes' && level === 'problem')
    assert.match(found?.what ?? '', /its owner may not write: segments\/000001\.db/)
    assert.equal(found?.todo, `chmod u+w ${segment}`)
  })

  it('give a folder back to nobody whose it is already', async () => {
    chmodSync(at.data, 0o550)
    const { stdout } = await at.run(['doctor'], { as: OWNER })
    assert.match(stdout, /^WARNING +lock .*cannot be written.*\n +-> to serve it: chmod -R u\+w \S+$/m)
    assert.doesNotMatch(stdout, /give it back/)
  })

  it('are named where a call cannot be stored in them', async () => {
    chmodSync(segment, 0o440)
    const given = ndjsonCalls(21).slice(20).join('\n')
    const { code, stderr } = await at.run(['import', '-'], { input: given, as: OWNER })
    assert.equal(code, 1)
    assert.ok(stderr.includes(segment), stderr)
  })
})

describe('what a command makes', () => {
  const at = new CliFolder(FIRST_ACCOUNT)
  before(() => at.json(['import', '-'], { input: ndjsonCalls(5).join('\n') }))
  after(() => at.remove())

  it('is said of a backup’s folder before anything is copied, and no more once it is there', async () => {
    const target = join('mnt', 'backups')
    const first = await at.run(['backup', target])
    assert.match(first.stderr, new RegExp(`^makes the folder ${at.file(target)}$`, 'm'))
    assert.doesNotMatch((await at.run(['backup', target])).stderr, /makes the folder/)
  })

  it('is said of a folder that is restored into, named or not', async () => {
    await at.run(['backup', at.file('backups')])
    const named = await at.run(['restore', 'backups', '--into', 'restored'])
    assert.match(named.stderr, new RegExp(`^makes the folder ${at.file('restored')}$`, 'm'))
    const unnamed = await new Cli(['restore', 'backups'], { cwd: at.path }).ended
    assert.match(unnamed.stderr, new RegExp(`^makes the folder ${at.file('calltrail-data')}$`, 'm'))
    assert.ok(statSync(at.file('calltrail-data')).isDirectory())
  })

  for (const { out, says } of [
    { out: '/nonexistent/calls.ndjson', says: /--out: there is no folder \/nonexistent$/m },
    { out: at.path, says: /--out: \S+ is a folder$/m },
    { out: at.file('file/calls.ndjson'), says: /--out: there is no folder \S+file$/m },
  ])
    it(`is refused as --out ${out}, and nothing is left beside it`, async () => {
      writeFileSync(at.file('file'), '')
      const { code, stderr } = await at.run(['export', '--out', out])
      assert.equal(code, 2)
      assert.match(stderr, says)
      assert.deepEqual(
        readdirSync(at.path).filter((name) => name.endsWith('.part')),
        [],
      )
    })
})
