import { defineStore } from "pinia";
import { ref } from "vue";
import { api, type Appointment, type CancelReason } from "../api";

/** The appointments of the coming month. */
export const useAppointments = defineStore("appointments", () => {
  const appointments = ref<Appointment[]>([]);

  async function load(): Promise<void> {
    appointments.value = await api.listAppointments();
  }

  async function book(clientId: string, startsAt: Date, minutes: number): Promise<void> {
    const endsAt = new Date(startsAt.getTime() + minutes * 60_000);
    await api.createAppointment({ client_id: clientId, starts_at: startsAt.toISOString(), ends_at: endsAt.toISOString() });
    await load();
  }

  async function cancel(id: string, reason: CancelReason): Promise<void> {
    await api.cancelAppointment(id, reason);
    await load();
  }

  return { appointments, load, book, cancel };
});
