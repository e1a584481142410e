/** A change that a directory does not make; nothing of it was stored. */
export class DirectoryRefusal extends Error {
  /** `exists`: something else has that name already. */
  readonly reason: 'invalid' | 'exists'
  /** As in the code: `rules[2].accountId`. */
  readonly field: string
  readonly why: string

  constructor({ reason, field, why }: { reason: 'invalid' | 'exists'; field: string; why: string }) {
    super(`${field}: ${why}`)
    this.reason = reason
    this.field = field
    this.why = why
  }
}

export function invalid(field: string, why: string): DirectoryRefusal {
  return new DirectoryRefusal({ reason: 'invalid', field, why })
}

export function taken(field: string, why: string): DirectoryRefusal {
  return new DirectoryRefusal({ reason: 'exists', field, why })
}
