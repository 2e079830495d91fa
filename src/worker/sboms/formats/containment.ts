/** The identifiers of two components: the parent contains the child, or depends on the child. */
export type Containment = { readonly parent: string; readonly child: string };
