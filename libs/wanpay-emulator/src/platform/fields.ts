/** The fields of a message, by name. */
export type Fields = Readonly<Record<string, string>>;
