import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { schemaProblems } from '../../record/schema-problem.ts'
import { badRequest } from '../fault.ts'

/**
 * Checks requests against their schemas and refuses them as `bad_request`, the field named as the caller wrote it. Adds
 * no defaults, removes nothing and converts nothing, but that figures, `true` and `false` in a URL become numbers and
 * booleans where the schema asks for them.
 */
export const validateNative: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const compiled = Compile(schema)
  const inUrl = httpPart === 'querystring' || httpPart === 'params'
  const unknown = inUrl ? 'is not a parameter of this request' : 'is not a field of this request'
  const typesOf = inUrl ? urlTypes(schema) : {}
  return (given: unknown) => {
    const value = inUrl ? fromUrl(given as Record<string, unknown>, typesOf) : given
    if (compiled.Check(value)) return { value }
    const problems = schemaProblems(compiled.Errors(value), { whole: httpPart ?? 'request', unknown })
    const [first = { field: 'request', why: 'cannot be read' }, ...others] = problems
    const alsoWrong = others.map(({ field, why }) => `; ${field}: ${why}`).join('')
    return { error: badRequest(first.field, `${first.why}${alsoWrong}`) }
  }
}

function urlTypes(schema: TSchema): Record<string, string | undefined> {
  const { properties = {} } = schema as { properties?: Record<string, { type?: string }> }
  return Object.fromEntries(Object.entries(properties).map(([name, { type }]) => [name, type]))
}

function fromUrl(given: Record<string, unknown>, types: Record<string, string | undefined>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      if (types[name] === 'integer' && typeof value === 'string' && /^-?\d{1,15}$/.test(value))
        return [name, Number(value)]
      if (types[name] === 'boolean' && (value === 'true' || value === 'false')) return [name, value === 'true']
      return [name, value]
    }),
  )
}
