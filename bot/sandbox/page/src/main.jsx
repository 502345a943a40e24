import { createRoot } from "react-dom/client";
import { App } from "./App.jsx";
import { followTheme } from "./shell/theme.js";
import "./styles/index.css";

followTheme();
createRoot(document.getElementById("page")).render(<App />);
