import type { Keeping } from '../../store/keeping.ts'
import type { SignInGuard } from '../access.ts'
import type { DialectParts } from '../parts.ts'

/** What the routes for accounts, keys, sources and the quarantine are given. */
export interface AdminParts {
  parts: Pick<DialectParts, 'directory' | 'now'>
  guard: SignInGuard
}

/** What the routes for erasures are given. */
export interface ErasureParts {
  parts: Pick<DialectParts, 'directory' | 'now'> & { keeping: Keeping }
  guard: SignInGuard
}
