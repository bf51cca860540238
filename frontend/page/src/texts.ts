import { computed, ref, watchEffect } from "vue";

const english = {
  title: "Practice",
  appointments: "Appointments",
  clients: "Clients",
  diagnostics: "Diagnostics",
  signOut: "Sign out",
  language: "עברית",
  skip: "Skip to content",
  loading: "Loading …",
  failed: "The practice can't be reached at the moment. Nothing that you have typed is lost; try again.",
  refused: "The practice refused that. Check what you have entered.",
  retry: "Try again",
  signIn: "Sign in",
  practiceName: "Name of a new practice",
  open: "Open",
  practiceToken: "Token of your practice",
  enter: "Enter",
  search: "Search",
  searchFor: "Name, phone or e-mail",
  noClients: "No clients yet. Add the first one below.",
  noneFound: "Nobody is found by that.",
  name: "Name",
  phone: "Phone",
  email: "E-mail",
  diagnosis: "Diagnosis",
  addClient: "Add client",
  newClient: "New client",
  noAppointments: "No appointments in the coming month. Book one on a client's page.",
  note: "Note",
  cancel: "Cancel",
  cancelled: "Cancelled",
  appointmentAt: "Appointment at",
  book: "Book",
  booked: "Booked",
  sessionNote: "Session note",
  subjective: "Subjective",
  objective: "Objective",
  assessment: "Assessment",
  plan: "Plan",
  saveNote: "Save note",
  saved: "Saved",
  diagnosticsText: "Each button sends an error to Sentry. What is typed here must not arrive with it.",
  patient: "Patient",
  testSentry: "Test Sentry",
  throwNamed: "Throw with the name",
  reject: "Reject a promise",
  log: "Log to the console",
  backend: "Fail in the back end",
  sent: "Sent. It should be in Sentry within half a minute.",
  logged: "Logged. It goes along with the next error.",
  notFound: "There is no such page",
  home: "To the appointments",
};

const hebrew: typeof english = {
  title: "קליניקה",
  appointments: "פגישות",
  clients: "מטופלים",
  diagnostics: "אבחון",
  signOut: "יציאה",
  language: "English",
  skip: "דילוג לתוכן",
  loading: "בטעינה …",
  failed: "אין כרגע חיבור לקליניקה. שום דבר שהוקלד לא אבד; אפשר לנסות שוב.",
  refused: "הקליניקה לא קיבלה את הבקשה. כדאי לבדוק את מה שהוזן.",
  retry: "ניסיון נוסף",
  signIn: "כניסה",
  practiceName: "שם לקליניקה חדשה",
  open: "פתיחה",
  practiceToken: "האסימון של הקליניקה",
  enter: "כניסה",
  search: "חיפוש",
  searchFor: "שם, טלפון או דואר אלקטרוני",
  noClients: "עדיין אין מטופלים. אפשר להוסיף את הראשון למטה.",
  noneFound: "לא נמצא אף אחד.",
  name: "שם",
  phone: "טלפון",
  email: "דואר אלקטרוני",
  diagnosis: "אבחנה",
  addClient: "הוספת מטופל",
  newClient: "מטופל חדש",
  noAppointments: "אין פגישות בחודש הקרוב. קובעים פגישה בדף של המטופל.",
  note: "סיכום",
  cancel: "ביטול",
  cancelled: "בוטלה",
  appointmentAt: "מועד הפגישה",
  book: "קביעה",
  booked: "נקבעה",
  sessionNote: "סיכום פגישה",
  subjective: "סובייקטיבי",
  objective: "אובייקטיבי",
  assessment: "הערכה",
  plan: "תוכנית",
  saveNote: "שמירה",
  saved: "נשמר",
  diagnosticsText: "כל כפתור שולח שגיאה ל-Sentry. מה שמוקלד כאן אינו אמור להגיע איתה.",
  patient: "מטופל",
  testSentry: "בדיקת Sentry",
  throwNamed: "שגיאה עם השם",
  reject: "דחיית Promise",
  log: "רישום בקונסול",
  backend: "כשל בשרת",
  sent: "נשלח. השגיאה אמורה להופיע ב-Sentry תוך חצי דקה.",
  logged: "נרשם. הרישום יצורף לשגיאה הבאה.",
  notFound: "אין דף כזה",
  home: "אל הפגישות",
};

/** Whether the page is in Hebrew, right to left; the browser's language until somebody chooses. */
const isHebrew = ref((localStorage.getItem("language") ?? navigator.language).startsWith("he"));

/** The page's texts in the language that was chosen. */
export const texts = computed(() => (isHebrew.value ? hebrew : english));

/** The locale of dates. */
export const locale = computed(() => (isHebrew.value ? "he-IL" : "en-GB"));

export function changeLanguage(): void {
  isHebrew.value = !isHebrew.value;
  localStorage.setItem("language", isHebrew.value ? "he" : "en");
}

watchEffect(() => {
  document.documentElement.lang = isHebrew.value ? "he" : "en";
  document.documentElement.dir = isHebrew.value ? "rtl" : "ltr";
});
