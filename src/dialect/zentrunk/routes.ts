// For `hide` in route schemas, which is declared there.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type {} from '@fastify/swagger'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import { FaultError, toFault } from '../fault.ts'
import { refuseOtherMethods } from '../other-methods.ts'
import { toPlivoError } from './errors.ts'

/** A Fastify instance as a plugin of the TypeBox provider sees it. */
export type TypedApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

const READS = ['GET', 'HEAD']

/**
 * Makes a plugin answer in Plivo's voice: its errors, and whatever lies under its prefix without being a path. Where two
 * such plugins share a prefix, the first one answers for what neither has.
 */
export function speakPlivo(app: TypedApp): void {
  app.setErrorHandler((error, request, reply) => {
    const fault = toFault(error)
    if (fault.code === 'internal') request.log.error({ err: error }, 'unhandled')
    const { status, headers, body } = toPlivoError(fault)
    return reply.code(status).headers(headers).send(body)
  })
  // The schemas of these routes describe them; the dialects read parameters themselves, to name them in their errors.
  app.setValidatorCompiler(() => (value) => ({ value }))
  if (app.hasRoute({ method: 'GET', url: `${app.prefix}/*` })) return
  for (const url of ['/', '/*']) refuse(app, { url, methods: app.supportedMethods, why: { code: 'unknown_path' } })
}

/**
 * The forms of a path to register, the documented one first: with the slash at its end and without. A server that takes
 * no notice of that slash has both once it has the first, and a second registration would be refused.
 */
export function* bothForms(app: TypedApp, path: string, method = 'GET'): Generator<{ url: string; hide: boolean }> {
  yield { url: `${path}/`, hide: false }
  if (!app.hasRoute({ method, url: app.prefix + path })) yield { url: path, hide: true }
}

/** Answers 405 to every method of a path but GET and HEAD, before a body is read. */
export function onlyReads(app: TypedApp, path: string): void {
  for (const { url } of bothForms(app, path, 'POST')) refuseOtherMethods(app as never, url, READS)
}

function refuse(app: TypedApp, given: { url: string; methods: string[]; why: FaultError['fault'] }): void {
  const fail = async (): Promise<never> => {
    throw new FaultError(given.why)
  }
  app.route({ method: given.methods, url: given.url, schema: { hide: true }, onRequest: fail, handler: fail })
}
