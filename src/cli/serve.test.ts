import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, it } from 'node:test'
import { DirectoryInFolder } from '../../test/support/directory-in-folder.ts'
import { type Config, readConfig } from '../config/config.ts'
import { openCalltrail } from './open.ts'
import { serve } from './serve.ts'

const failed = (error: Error) => {
  throw error
}

describe('a server that stops', () => {
  it('does not wait for who is connected and asks nothing', async () => {
    const data = mkdtempSync(join(tmpdir(), 'calltrail-serve-'))
    const served = await serve({ ...readConfig({}), data, listen: '127.0.0.1:0', logLevel: 'silent' }, failed)
    const { hostname, port } = new URL(served.url)
    const accepted = once(served.app.server, 'connection')
    const silent = connect(Number(port), hostname)
    await Promise.all([once(silent, 'connect'), accepted])
    const closed = once(silent, 'close')
    await served.stop()
    await closed
    rmSync(data, { recursive: true })
  })
})

describe('a server that cannot begin', () => {
  const data = mkdtempSync(join(tmpdir(), 'calltrail-serve-'))
  after(() => rmSync(data, { recursive: true }))
  const config: Config = { ...readConfig({}), data, listen: '127.0.0.1:0', logLevel: 'silent' }

  it('lets go of its folder when the port is taken', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    await assert.rejects(serve({ ...config, listen: `127.0.0.1:${port}` }, failed), { code: 'EADDRINUSE' })
    other.close()
    const served = await serve(config, failed)
    assert.equal((await fetch(`${served.url}/healthz`)).status, 200)
    await served.stop()
  })

  it('lets go of its folder when its certificate is not there', async () => {
    const missing = join(data, 'none.pem')
    await assert.rejects(serve({ ...config, tlsCert: missing, tlsKey: missing }, failed), { code: 'ENOENT' })
    await (await openCalltrail(config, { onFailure: failed })).close()
  })

  it('lets go of its folder when its directory cannot be read', async () => {
    const newer = new DirectoryInFolder()
    const folder = { ...config, data: newer.folder }
    newer.directory.close()
    const db = new DatabaseSync(newer.path)
    db.exec(`UPDATE directory_meta SET value = value + 97 WHERE name = 'schema_version'`)
    for (let attempt = 0; attempt < 2; attempt += 1)
      await assert.rejects(openCalltrail(folder, { onFailure: failed }), /newer/)
    db.exec(`UPDATE directory_meta SET value = value - 97 WHERE name = 'schema_version'`)
    db.close()
    await (await openCalltrail(folder, { onFailure: failed })).close()
    newer.remove()
  })
})
