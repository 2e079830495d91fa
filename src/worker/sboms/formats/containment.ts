/** A component that contains another one, or depends on it, by their identifiers. */
export type Containment = { readonly parent: string; readonly child: string };
