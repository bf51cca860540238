import { useSession } from "./stores/session";

/** The API refused or failed; `status` says how, and by `requestId` the log lines of the request are found. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    message: string,
    readonly status: number,
    readonly requestId: string | undefined,
  ) {
    super(message);
  }
}

export interface Workspace {
  readonly id: string;
  readonly name: string;
  readonly token: string;
}

export interface ClientFields {
  name: string;
  phone: string | null;
  email: string | null;
  diagnosis: string | null;
}

export interface Client extends ClientFields {
  readonly id: string;
}

export interface Appointment {
  readonly id: string;
  readonly client_id: string;
  readonly starts_at: string;
  readonly ends_at: string;
  readonly purpose: string | null;
  readonly cancel_reason: string | null;
}

export interface Note {
  subjective: string;
  objective: string;
  assessment: string;
  plan: string;
}

export type CancelReason = "client_request" | "therapist_cancelled" | "no_show";

export const api = {
  openWorkspace: (name: string) => request<Workspace>("POST", "/api/v1/workspaces", { name }),
  listClients: (search: string) => request<Client[]>("GET", `/api/v1/clients?q=${encodeURIComponent(search)}`),
  readClient: (id: string) => request<Client>("GET", `/api/v1/clients/${id}`),
  createClient: (client: ClientFields) => request<Client>("POST", "/api/v1/clients", client),
  listAppointments: () => request<Appointment[]>("GET", "/api/v1/appointments"),
  createAppointment: (appointment: { client_id: string; starts_at: string; ends_at: string }) =>
    request<Appointment>("POST", "/api/v1/appointments", appointment),
  cancelAppointment: (id: string, reason: CancelReason) =>
    request<Appointment>("POST", `/api/v1/appointments/${id}/cancel`, { reason }),
  readNote: (appointmentId: string) => request<Note>("GET", `/api/v1/appointments/${appointmentId}/note`),
  saveNote: (appointmentId: string, note: Note) => request<Note>("PUT", `/api/v1/appointments/${appointmentId}/note`, note),
};

async function request<T>(method: string, path: string, body?: unknown): Promise<T> {
  const { token } = useSession();
  const response = await fetch(path, {
    method,
    headers: {
      ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) {
    const requestId = response.headers.get("x-request-id") ?? undefined;
    throw new ApiError(response.status >= 500 ? "The practice API failed" : "The practice API refused", response.status, requestId);
  }
  return (await response.json()) as T;
}
