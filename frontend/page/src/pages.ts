/** The page's own paths; nginx gets them from the build. */
export const pages = {
  home: "/",
  signIn: "/sign-in",
  clients: "/clients",
  client: "/clients/:clientId",
  appointments: "/appointments",
  note: "/appointments/:appointmentId/note",
  diagnostics: "/diagnostics",
} as const;
