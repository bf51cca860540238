import { defineStore } from "pinia";
import { ref } from "vue";
import { api, type Client, type ClientFields } from "../api";

/** The clients that the page has read. */
export const useClients = defineStore("clients", () => {
  const clients = ref<Client[]>([]);

  async function search(text: string): Promise<void> {
    clients.value = await api.listClients(text);
  }

  async function add(client: ClientFields): Promise<void> {
    clients.value = [...clients.value, await api.createClient(client)];
  }

  function nameOf(id: string): string {
    return clients.value.find((client) => client.id === id)?.name ?? "";
  }

  return { clients, search, add, nameOf };
});
