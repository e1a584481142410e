import type { TLocalizedValidationError } from 'typebox/error'

/** What is wrong with one field: `rules[2].account_id` and `must not have more than 64 characters`. */
export interface Problem {
  field: string
  why: string
}

/**
 * The errors of a schema, one for each field, in words that can be shown to whoever sent the value. `whole` names the
 * value itself, where it is not even an object; `unknown` is said of a field that the schema does not have.
 */
export function schemaProblems(
  errors: readonly TLocalizedValidationError[],
  { whole, unknown }: { whole: string; unknown: string },
): Problem[] {
  const reasons = new Map<string, Set<string>>()
  const add = (field: string, why: string) => {
    const held = reasons.get(field) ?? new Set()
    reasons.set(field, held.add(why))
  }
  for (const error of errors) {
    const field = fieldOf(error.instancePath)
    // Said already, by the errors of the inner schemas.
    if (error.keyword === 'anyOf' || error.keyword === 'additionalProperties') continue
    if (error.keyword === 'boolean') add(field, unknown)
    else if (error.keyword === 'enum') add(field, `must be one of ${error.params.allowedValues.join(', ')}`)
    else if (error.keyword === 'required')
      for (const name of error.params.requiredProperties) add(field === '' ? name : `${field}.${name}`, 'is required')
    else add(field, error.message)
  }
  return [...reasons].map(([field, why]) => ({ field: field === '' ? whole : field.slice(0, 200), why: eitherOf(why) }))
}

/** `/rules/2/account_id` -> `rules[2].account_id`, a JSON pointer's escapes undone. */
function fieldOf(pointer: string): string {
  const names = pointer.split('/').slice(1)
  return names
    .map((name) => (/^\d+$/.test(name) ? `[${name}]` : `.${name.replaceAll('~1', '/').replaceAll('~0', '~')}`))
    .join('')
    .replace(/^\./, '')
}

/** A union gives the reasons of each of its branches for one value. */
function eitherOf(reasons: ReadonlySet<string>): string {
  const [first = '', ...others] = reasons
  return [first, ...others.map((other) => other.replace(/^must /, ''))].join(' or ')
}
