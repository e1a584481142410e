import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import type { Config } from '../config/config.ts'
import { buildApp } from '../http/app.ts'
import { type Calltrail, limitsOf, openCalltrail } from './open.ts'

export interface Served {
  calltrail: Calltrail
  app: FastifyInstance
  /** `http://127.0.0.1:8080`. */
  url: string
  /** Stops listening, finishes what was accepted, closes the folder. */
  stop(): Promise<void>
}

/** Opens the folder and listens. `onFailure` is called when the store can go on no longer. */
export async function serve(config: Config, onFailure: (error: Error) => void): Promise<Served> {
  const logger = pino({ level: config.logLevel as string })
  const calltrail = await openCalltrail(config, onFailure)
  const tls =
    config.tlsCert === null
      ? null
      : { cert: readFileSync(config.tlsCert as string), key: readFileSync(config.tlsKey as string) }
  const app = await buildApp({
    ...calltrail,
    limits: limitsOf(config),
    logger,
    trustedProxies: config.trustedProxies,
    bodyLimitBytes: config.bodyLimitMib * 1024 * 1024,
    tls,
    opsAccess: config.opsAccess,
  })
  const colon = config.listen.lastIndexOf(':')
  const url = await app.listen({
    host: config.listen.slice(0, colon).replace(/^\[|\]$/g, ''),
    port: Number(config.listen.slice(colon + 1)),
  })
  return {
    calltrail,
    app,
    url,
    async stop() {
      await app.close()
      await calltrail.close()
    },
  }
}
