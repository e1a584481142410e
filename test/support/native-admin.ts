import Fastify, { type FastifyInstance } from 'fastify'
import { newGuard } from '../../src/dialect/access.ts'
import { FaultError, toFault } from '../../src/dialect/fault.ts'
import { accountRoutes } from '../../src/dialect/native/account-routes.ts'
import { toNativeError } from '../../src/dialect/native/errors.ts'
import { keyRoutes } from '../../src/dialect/native/key-routes.ts'
import { quarantineRoutes } from '../../src/dialect/native/quarantine-routes.ts'
import { sourceRoutes } from '../../src/dialect/native/source-routes.ts'
import type { Scope } from '../../src/store/directory.ts'
import { ALICE, DirectoryInFolder } from './directory-in-folder.ts'

/** The native routes for accounts, keys, sources and the quarantine over a real directory, and nothing else. */
export class NativeAdmin {
  readonly at = new DirectoryInFolder()
  readonly app: FastifyInstance = Fastify()
  /** `GET /calltrail/v1/account` and so on. */
  readonly routes: string[] = []

  constructor({ failedSignIns = null }: { failedSignIns?: number | null } = {}) {
    const { at, app } = this
    const now = () => at.nowUs
    const limits = {
      failedSignInsPerMinute: failedSignIns,
      nativeRequestsPerMinute: null,
      plivoRequestsPer5S: null,
      portsipRequestsPerMinute: null,
    }
    const guard = newGuard({ directory: at.directory, limits, now })
    const given = { parts: { directory: at.directory, now }, guard }
    app.addHook('onRoute', ({ method, url, schema }) => {
      if (method !== 'HEAD' && schema?.hide !== true) this.routes.push(`${method} ${url}`)
    })
    app.register(
      async (native) => {
        native.setErrorHandler((error, _request, reply) => {
          const { status, headers, body } = toNativeError(toFault(error))
          return reply.code(status).headers(headers).send(body)
        })
        native.setNotFoundHandler(() => {
          throw new FaultError({ code: 'unknown_path' })
        })
        for (const routes of [accountRoutes, keyRoutes, sourceRoutes, quarantineRoutes]) native.register(routes, given)
      },
      { prefix: '/calltrail/v1' },
    )
  }

  /** A key of the account with these scopes. */
  key(scopes: readonly Scope[], accountId = ALICE): string {
    return this.at.directory.createKey({ accountId, name: `${scopes} key`, scopes }).secret
  }

  /** `ask('POST /keys', …)`: what the API answers. */
  async ask(
    what: string,
    { key, body, headers = {} }: { key: string | null; body?: unknown; headers?: Record<string, string> },
  ): Promise<{ status: number; headers: Record<string, unknown>; body: Answer }> {
    const [method = '', path = ''] = what.split(' ')
    const answer = await this.app.inject({
      method: method as 'GET',
      url: `/calltrail/v1${path}`,
      headers: { ...(key === null ? {} : { authorization: `Bearer ${key}` }), ...headers },
      ...(body === undefined ? {} : { payload: body as object }),
    })
    return { status: answer.statusCode, headers: answer.headers, body: answer.body === '' ? {} : answer.json() }
  }

  async close(): Promise<void> {
    await this.app.close()
    this.at.remove()
  }
}

/** A body as a test reads it: the fields it names are there or the test fails. */
// biome-ignore lint/suspicious/noExplicitAny: a test compares what it reads with what it expects, field by field.
export type Answer = Record<string, any>
