import { Component } from "react";

/** Keeps an error in one part of the page from taking the rest down. */
export class Guard extends Component {
  state = { error: null };

  static getDerivedStateFromError(error) {
    return { error };
  }

  componentDidUpdate(before) {
    if (this.state.error && before.version !== this.props.version) this.setState({ error: null });
  }

  render() {
    if (!this.state.error) return this.props.children;
    return <p className="placeholder">{this.props.name} could not be shown: {String(this.state.error.message)}</p>;
  }
}
