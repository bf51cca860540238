import { createRouter, createWebHistory } from "vue-router";
import { useSession } from "./stores/session";

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/", redirect: "/appointments" },
    { path: "/sign-in", component: () => import("./views/SignIn.vue") },
    { path: "/clients", name: "client-list", component: () => import("./views/ClientList.vue") },
    { path: "/clients/:clientId", component: () => import("./views/ClientDetail.vue"), props: true },
    { path: "/appointments", component: () => import("./views/AppointmentList.vue") },
    { path: "/appointments/:appointmentId/note", component: () => import("./views/SessionNote.vue"), props: true },
    { path: "/diagnostics", component: () => import("./views/DiagnosticsPage.vue") },
    { path: "/:pathMatch(.*)*", redirect: "/appointments" },
  ],
});

const OPEN = new Set(["/sign-in", "/diagnostics"]);

router.beforeEach((to) => (OPEN.has(to.path) || useSession().token !== "" ? true : "/sign-in"));
